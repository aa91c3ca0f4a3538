-- title = "CommitmentDiscountQuantity filled from cost or quantity"
-- column = "CommitmentDiscountQuantity"
-- why = "FOCUS 1.1 brought the column and demands it beside a commitment: of spend it is the money, of usage the quantity"
coalesce("CommitmentDiscountQuantity", CASE WHEN "CommitmentDiscountId" IS NULL OR "ChargeCategory" NOT IN ('Usage', 'Purchase') THEN NULL WHEN "CommitmentDiscountCategory" = 'Usage' THEN CAST("PricingQuantity" AS DECIMAL(38, 15)) WHEN "CommitmentDiscountCategory" = 'Spend' AND "ChargeCategory" = 'Purchase' THEN CAST("BilledCost" AS DECIMAL(38, 15)) WHEN "CommitmentDiscountCategory" = 'Spend' THEN CAST("EffectiveCost" AS DECIMAL(38, 15)) END)

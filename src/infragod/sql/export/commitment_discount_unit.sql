-- title = "CommitmentDiscountUnit filled from currency or unit"
-- column = "CommitmentDiscountUnit"
-- why = "FOCUS 1.1 brought the column and demands it beside the quantity of a commitment"
coalesce("CommitmentDiscountUnit", CASE WHEN "CommitmentDiscountId" IS NULL OR "ChargeCategory" NOT IN ('Usage', 'Purchase') THEN NULL WHEN "CommitmentDiscountCategory" = 'Usage' THEN "PricingUnit" WHEN "CommitmentDiscountCategory" = 'Spend' THEN "BillingCurrency" END)

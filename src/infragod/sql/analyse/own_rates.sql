-- id = "own-rates"
-- title = "What a unit costs this company, by product, region and account"
-- why = """
-- The marginal unit price: what the next unit would cost. Rows that a commitment covers say what the past was bought
-- for, so they are left out, as are spot prices, credits and corrections. Of several prices in the month (a tier that was
-- reached, a contract that changed) the one of the last charge counts, and of that day the one most units were bought at.
-- """
-- [parameters]
-- month = "the month, YYYY-MM"

WITH usage AS (
  SELECT
    c.ServiceProviderName AS provider,
    c.ServiceName AS service,
    c.SkuId AS sku,
    c.SkuMeter AS meter,
    c.ChargeDescription AS description,
    c.RegionId AS region,
    c.SubAccountId AS account,
    c.PricingUnit AS unit,
    c.BillingCurrency AS currency,
    c.ContractedUnitPrice AS price,
    MAX(c.ChargePeriodStart) AS last_charge,
    SUM(c.PricingQuantity) AS quantity
  FROM cost AS c
  WHERE c.x_billing_period = $month
    AND c.ChargeCategory = 'Usage'
    AND c.ChargeClass IS NULL
    AND c.CommitmentDiscountId IS NULL
    AND c.CommitmentDiscountStatus IS NULL
    AND COALESCE(c.PricingCategory, 'Standard') = 'Standard'
    AND c.ContractedUnitPrice > 0
    AND c.PricingQuantity > 0
  GROUP BY
    c.ServiceProviderName, c.ServiceName, c.SkuId, c.SkuMeter, c.ChargeDescription, c.RegionId, c.SubAccountId,
    c.PricingUnit, c.BillingCurrency, c.ContractedUnitPrice
)
SELECT provider, service, sku, meter, description, region, account, unit, currency, price
FROM (
  SELECT
    usage.*,
    ROW_NUMBER() OVER (
      PARTITION BY provider, service, sku, meter, region, account, unit, currency
      ORDER BY last_charge DESC, quantity DESC, price DESC
    ) AS place
  FROM usage
) AS ranked
WHERE place = 1
ORDER BY provider, service, sku, meter, region, account, unit

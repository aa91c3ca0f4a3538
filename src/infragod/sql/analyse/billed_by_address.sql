-- id = "billed-by-address"
-- title = "What a month's bill charges resources by their Terraform address, by price"
-- why = """
-- Usage at one price is one line, since an error of the rate is told from one of the quantity by price. What is no usage
-- of the month is told apart by name: no estimate speaks of it. `open` counts rows whose cost the bill leaves out.
-- """
-- [parameters]
-- month = "the month, YYYY-MM"
-- first = "the month's first day"
-- cut = "the day from which on nothing is compared: the first one after the month, or the first that is not whole"

WITH charge AS (
  SELECT
    c.x_terraform_workspace AS workspace,
    c.x_terraform_address AS address,
    c.BillingCurrency AS currency,
    CASE
      WHEN c.ChargeClass = 'Correction' THEN 'corrections'
      WHEN c.ChargeCategory = 'Tax' THEN 'taxes'
      WHEN c.ChargeCategory = 'Credit' THEN 'credits'
      WHEN c.ChargeCategory = 'Purchase' THEN 'purchases'
      WHEN c.ChargeCategory <> 'Usage' THEN 'adjustments'
      WHEN c.CommitmentDiscountStatus = 'Unused' THEN 'unused commitments'
      WHEN CAST(c.ChargePeriodStart AS DATE) < CAST($first AS DATE) THEN 'usage of other months'
      ELSE 'usage'
    END AS kind,
    COALESCE(c.SkuMeter, c.ChargeDescription, c.SkuId, c.ServiceName) AS meter,
    c.PricingUnit AS unit,
    c.ContractedUnitPrice AS price,
    c.PricingQuantity AS quantity,
    COALESCE(c.ContractedCost, c.EffectiveCost) AS cost,
    c.EffectiveCost AS effective
  FROM cost AS c
  JOIN wanted AS w ON w.workspace = c.x_terraform_workspace AND w.address = c.x_terraform_address
  WHERE c.x_billing_period = $month
    AND CAST(c.ChargePeriodStart AS DATE) < CAST($cut AS DATE)
)
SELECT
  workspace,
  address,
  currency,
  kind,
  CASE WHEN kind = 'usage' THEN meter END AS meter,
  CASE WHEN kind = 'usage' THEN unit END AS unit,
  CASE WHEN kind = 'usage' THEN price END AS price,
  SUM(quantity) AS quantity,
  SUM(cost) AS cost,
  SUM(effective) AS effective,
  SUM(CASE WHEN cost IS NULL OR effective IS NULL THEN 1 ELSE 0 END) AS open,
  SUM(CASE WHEN quantity IS NULL THEN 1 ELSE 0 END) AS uncounted
FROM charge
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY 1, 2, 3, 4, 5, 6, 7

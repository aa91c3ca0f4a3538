-- id = "used-by-resource"
-- title = "How much of each product each resource of Terraform used in a month"
-- why = """
-- All that was metered counts, whoever paid for it: what a commitment covers, and free units, which bills price at zero.
-- What was bought and not used, credits and corrections are no usage. Only rows that Terraform's states name are here.
-- """
-- [parameters]
-- month = "the month, YYYY-MM"

SELECT
  c.x_terraform_workspace AS workspace,
  c.x_terraform_address AS address,
  MAX(c.x_service) AS owner_service,
  MAX(c.x_team) AS owner_team,
  MAX(c.x_environment) AS owner_environment,
  c.ServiceProviderName AS provider,
  c.ServiceName AS service,
  c.SkuId AS sku,
  c.SkuMeter AS meter,
  c.ChargeDescription AS description,
  c.RegionId AS region,
  c.PricingUnit AS unit,
  c.BillingCurrency AS currency,
  SUM(c.PricingQuantity) AS quantity
FROM cost AS c
WHERE c.x_billing_period = $month
  AND c.x_terraform_address IS NOT NULL
  AND c.x_terraform_workspace IS NOT NULL
  AND c.ChargeCategory = 'Usage'
  AND c.ChargeClass IS NULL
  AND COALESCE(c.CommitmentDiscountStatus, 'Used') = 'Used'
  AND c.PricingQuantity > 0
GROUP BY
  c.x_terraform_workspace, c.x_terraform_address, c.ServiceProviderName, c.ServiceName, c.SkuId, c.SkuMeter,
  c.ChargeDescription, c.RegionId, c.PricingUnit, c.BillingCurrency
ORDER BY workspace, address, provider, service, sku, meter, description, region, unit, currency

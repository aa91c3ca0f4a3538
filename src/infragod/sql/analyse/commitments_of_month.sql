-- id = "commitments-of-month"
-- title = "What each commitment covered in a month, and what of it was left unused"
-- why = """
-- Of what was used, the contracted cost says what the same would have cost without the commitment.
-- """
-- [parameters]
-- month = "the month, YYYY-MM"

SELECT
  c.CommitmentDiscountId AS id,
  c.CommitmentDiscountName AS name,
  c.CommitmentDiscountType AS type,
  c.CommitmentDiscountStatus AS status,
  c.ServiceProviderName AS provider,
  c.ServiceName AS service,
  c.RegionId AS region,
  c.SkuMeter AS meter,
  c.ChargeDescription AS description,
  SUM(c.EffectiveCost) AS effective,
  SUM(c.ContractedCost) AS contracted
FROM cost AS c
WHERE c.x_billing_period = $month
  AND c.ChargeCategory = 'Usage'
  AND c.ChargeClass IS NULL
  AND c.CommitmentDiscountId IS NOT NULL
  AND c.CommitmentDiscountStatus IN ('Used', 'Unused')
  AND c.BillingCurrency = $currency
GROUP BY
  c.CommitmentDiscountId, c.CommitmentDiscountName, c.CommitmentDiscountType, c.CommitmentDiscountStatus,
  c.ServiceProviderName, c.ServiceName, c.RegionId, c.SkuMeter, c.ChargeDescription
ORDER BY id, status, provider, service, region, meter, description, name, type

-- id = "spend"
-- title = "Spend by month, on every basis"
-- money = ["cost", "billed", "contracted", "list", "unowned"]
-- [parameters.first]
-- type = "month"
-- help = "first month; without it the oldest there is"
-- [parameters.last]
-- type = "month"
-- help = "last month; without it the newest there is"

SELECT
  x_billing_period AS month,
  BillingCurrency AS currency,
  SUM(EffectiveCost) AS cost,
  SUM(BilledCost) AS billed,
  SUM(ContractedCost) AS contracted,
  SUM(ListCost) AS list,
  SUM(CASE WHEN x_team IS NULL THEN EffectiveCost ELSE 0 END) AS unowned
FROM cost
WHERE ($first IS NULL OR x_billing_period >= $first)
  AND ($last IS NULL OR x_billing_period <= $last)
GROUP BY x_billing_period, BillingCurrency
ORDER BY month, currency

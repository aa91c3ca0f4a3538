-- id = "difference"
-- title = "Months and currencies whose allocated sum is not the bill's, on any basis: there is none, or nothing is shown"
-- [parameters]
-- first = "first month, YYYY-MM, or NULL"
-- last = "last month, YYYY-MM, or NULL"

SELECT month, currency
FROM (
  SELECT x_billing_period AS month, BillingCurrency AS currency, EffectiveCost, BilledCost, ContractedCost, ListCost
  FROM cost
  WHERE ($first IS NULL OR x_billing_period >= $first)
    AND ($last IS NULL OR x_billing_period <= $last)
  UNION ALL
  SELECT month, currency, -EffectiveCost, -BilledCost, -ContractedCost, -ListCost
  FROM allocated
) AS both_sides
GROUP BY month, currency
HAVING SUM(EffectiveCost) <> 0
  OR SUM(BilledCost) <> 0
  OR SUM(ContractedCost) <> 0
  OR SUM(ListCost) <> 0
ORDER BY month, currency

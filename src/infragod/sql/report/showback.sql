-- id = "showback"
-- title = "What each owner cost, month by month"
-- money = ["cost"]
-- [parameters.first]
-- type = "month"
-- help = "first month; without it the oldest there is"
-- [parameters.last]
-- type = "month"
-- help = "last month; without it the newest there is"
-- [parameters.by]
-- type = "columns"
-- default = ["x_team", "x_service"]
-- help = "columns of the cost table to group by"
-- [parameters.basis]
-- type = "basis"
-- default = "effective"
-- help = "which cost: effective, billed, contracted or list; one is never shown as another"

SELECT
  x_billing_period AS month,
  {by},
  BillingCurrency AS currency, -- sums never go across currencies
  SUM({basis}) AS cost
FROM cost
WHERE ($first IS NULL OR x_billing_period >= $first)
  AND ($last IS NULL OR x_billing_period <= $last)
GROUP BY x_billing_period, {by}, BillingCurrency
ORDER BY month, currency, cost DESC, {by}

-- id = "services"
-- title = "What each service of one owner cost in a month"
-- money = ["cost"]
-- [parameters.month]
-- type = "month"
-- required = true
-- help = "the month"
-- [parameters.team]
-- type = "text"
-- help = "the owner; without it, what nobody owns"
-- [parameters.basis]
-- type = "basis"
-- default = "effective"
-- help = "which cost: effective, billed, contracted or list"
-- [parameters.limit]
-- type = "count"
-- default = 1000
-- help = "most rows to give"
-- [parameters.offset]
-- type = "count"
-- default = 0
-- help = "rows to leave out first"

SELECT
  x_service,
  BillingCurrency AS currency,
  SUM({basis}) AS cost,
  COUNT(DISTINCT ResourceId) AS resources
FROM cost
WHERE x_billing_period = $month
  AND x_team IS NOT DISTINCT FROM $team
GROUP BY x_service, BillingCurrency
ORDER BY currency, cost DESC, x_service NULLS LAST
LIMIT $limit OFFSET $offset

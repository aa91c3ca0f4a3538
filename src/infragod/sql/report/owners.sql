-- id = "owners"
-- title = "What each owner cost in a month, and in the month before"
-- money = ["cost", "before"]
-- [parameters.month]
-- type = "month"
-- required = true
-- help = "the month"
-- [parameters.previous]
-- type = "month"
-- required = true
-- help = "the month to compare it with"
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
  x_team,
  BillingCurrency AS currency,
  SUM(CASE WHEN x_billing_period = $month THEN {basis} ELSE 0 END) AS cost,
  SUM(CASE WHEN x_billing_period = $previous THEN {basis} END) AS before, -- NULL: it had no charge then
  COUNT(DISTINCT CASE WHEN x_billing_period = $month THEN x_service END) AS services
FROM cost
WHERE x_billing_period IN ($month, $previous)
GROUP BY x_team, BillingCurrency
ORDER BY currency, cost DESC, x_team NULLS LAST
LIMIT $limit OFFSET $offset

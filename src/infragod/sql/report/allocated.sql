-- id = "allocated"
-- title = "What each owner bears, with its parts of what is shared; the rows sum to the bill"
-- money = ["direct", "shared", "cost"]
-- tables = ["allocated"]
-- [parameters.first]
-- type = "month"
-- help = "first month; without it the oldest there is"
-- [parameters.last]
-- type = "month"
-- help = "last month; without it the newest there is"
-- [parameters.by]
-- type = "columns"
-- among = ["x_team", "x_service", "x_cost_centre", "x_how", "x_pool", "AllocatedMethodId", "AllocatedMethodDetails", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags"]
-- default = "x_team"
-- help = "columns to group by: x_team, x_service, x_cost_centre, x_how, x_pool or FOCUS's Allocated*"
-- [parameters.basis]
-- type = "basis"
-- default = "effective"
-- help = "which cost: effective, billed, contracted or list; one is never shown as another"

SELECT
  month,
  {by},
  currency,
  SUM(CASE WHEN x_pool IS NULL THEN {basis} END) AS direct,
  SUM(CASE WHEN x_pool IS NOT NULL THEN {basis} END) AS shared,
  SUM({basis}) AS cost,
  x_allocation AS allocation -- the version of allocation.toml
FROM allocated
WHERE ($first IS NULL OR month >= $first)
  AND ($last IS NULL OR month <= $last)
GROUP BY month, {by}, currency, x_allocation
ORDER BY month, currency, cost DESC, {by}

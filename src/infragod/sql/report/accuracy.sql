-- id = "accuracy"
-- title = "Estimates of applied plans against the bill of their first full month"
-- money = ["estimated", "billed", "error", "rate", "quantity", "unknown"]
-- tables = ["accuracy"]
-- [parameters.first]
-- type = "month"
-- help = "first month; without it the oldest there is"
-- [parameters.last]
-- type = "month"
-- help = "last month; without it the newest there is"
-- [parameters.by]
-- type = "columns"
-- among = ["type", "team", "recipe", "workspace", "month", "decision"]
-- default = "type"
-- help = "columns to group by: type, team, recipe, workspace, month, decision"

SELECT
  {by},
  COUNT(CASE WHEN outcome = 'compared' THEN 1 END) AS resources,
  COUNT(CASE WHEN outcome NOT IN ('compared', 'free') THEN 1 END) AS left_out,
  currency,
  SUM(estimated) AS estimated,
  SUM(billed) AS billed,
  SUM(billed) - SUM(estimated) AS error, -- rate + quantity + unknown, to the last digit
  SUM(rate) AS rate,
  SUM(quantity) AS quantity,
  SUM(unknown) AS unknown
FROM accuracy
WHERE ($first IS NULL OR month >= $first)
  AND ($last IS NULL OR month <= $last)
GROUP BY {by}, currency
ORDER BY currency, ABS(SUM(billed) - SUM(estimated)) DESC, {by}

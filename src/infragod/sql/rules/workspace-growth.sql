-- id = "workspace-growth"
-- pack = "cost"
-- title = "A workspace does not grow by leaps"
-- why = "A leap is a mistake or a decision; a decision is made by somebody who knows of it."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "make the change in steps, or tell the owner of the budget of it"
-- [parameters.percent]
-- type = "decimal"
-- default = 50
-- tighter = "less"
-- help = "growth of the workspace's monthly cost in per cent; passed only together with amount"
-- [parameters.amount]
-- type = "decimal"
-- default = 500
-- tighter = "less"
-- help = "growth a month in the currency of the prices; passed only together with percent"
--
-- # Both must be passed: 50 % of little is little. A workspace that had no cost is new and can't grow.
WITH unpriced AS (
  SELECT COUNT(*) AS resources
  FROM resource AS r LEFT JOIN cost AS c ON c.address = r.address
  WHERE r.action IN ('create', 'update', 'replace', 'delete') AND NOT r.deposed
    AND (c.address IS NULL OR NOT c.complete OR NOT c.complete_before)
),
summed AS (
  SELECT p.monthly_cost_before AS before, p.monthly_cost - p.monthly_cost_before AS delta, p.complete_before, p.currency,
    u.resources
  FROM plan AS p CROSS JOIN unpriced AS u
),
judged AS (
  SELECT s.before, s.delta, s.currency, s.resources, s.complete_before,
    s.delta > $amount AND s.delta * 100 > s.before * $percent AS leap
  FROM summed AS s
  WHERE s.before > 0 OR NOT s.complete_before
)
SELECT 'plan' AS address,
  CASE
    WHEN j.leap AND j.complete_before THEN TRUE
    WHEN j.leap OR j.resources > 0 THEN NULL
    ELSE FALSE END AS violation,
  CASE
    WHEN j.leap AND j.complete_before
      THEN 'the workspace grows from ' || money_text(j.before, j.currency) || ' by ' || money_text(j.delta, j.currency)
        || ' a month (' || percent_text(j.delta, j.before) || '), more than ' || CAST(CAST($percent AS DOUBLE) AS VARCHAR)
        || ' % and ' || money_text($amount, j.currency)
    WHEN j.leap THEN 'the workspace grows by ' || money_text(j.delta, j.currency)
        || ' a month; what it costs today is not known whole, so the per cent can''t be told'
    ELSE 'the workspace grows by at least ' || money_text(j.delta, j.currency) || ' a month; the cost of '
        || count_text(j.resources) || ' of the changed resources is not known' END AS message
FROM judged AS j

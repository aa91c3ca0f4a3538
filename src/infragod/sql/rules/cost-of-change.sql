-- id = "cost-of-change"
-- pack = "cost"
-- title = "One change adds no more than a limit to the monthly cost"
-- why = "Whoever adds much to the bill says so to somebody first."
-- level = "approval"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "make the change smaller, or ask for its approval"
-- [parameters.limit]
-- type = "decimal"
-- default = 1000
-- tighter = "less"
-- help = "what one plan may add a month, in the currency of the prices"
--
-- # Only what changes counts: the unknown cost of a resource that stays as it is changes nothing.
WITH unpriced AS (
  SELECT COUNT(*) AS resources
  FROM resource AS r LEFT JOIN cost AS c ON c.address = r.address
  WHERE r.action IN ('create', 'update', 'replace', 'delete') AND NOT r.deposed
    AND (c.address IS NULL OR NOT c.complete OR NOT c.complete_before)
),
summed AS (
  SELECT p.monthly_cost - p.monthly_cost_before AS delta, p.currency, u.resources
  FROM plan AS p CROSS JOIN unpriced AS u
)
SELECT 'plan' AS address,
  CASE WHEN s.delta > $limit THEN TRUE WHEN s.resources > 0 THEN NULL ELSE FALSE END AS violation,
  CASE WHEN s.delta > $limit
    THEN 'adds ' || money_text(s.delta, s.currency) || ' a month, more than the limit of '
      || money_text($limit, s.currency)
    ELSE 'adds at least ' || money_text(s.delta, s.currency) || ' a month; the cost of ' || count_text(s.resources)
      || ' of its resources is not known, so the limit of ' || money_text($limit, s.currency) || ' can''t be judged'
    END AS message
FROM summed AS s

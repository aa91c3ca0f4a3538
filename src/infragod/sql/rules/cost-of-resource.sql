-- id = "cost-of-resource"
-- pack = "cost"
-- title = "One resource adds no more than a limit to the monthly cost"
-- why = "A single dear machine hides in the sum of a change that saves elsewhere."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "take a smaller one, or tell the owner of the budget of it"
-- [parameters.limit]
-- type = "decimal"
-- default = 1000
-- tighter = "less"
-- help = "what one resource may add a month, in the currency of the prices"
--
-- # Of a resource whose cost is not known whole, the known part must reach half of the limit before it is named: what
-- # has no price at all is for unpriced-resources to say.
WITH judged AS (
  SELECT r.address, COALESCE(c.monthly_cost, 0) - COALESCE(c.monthly_cost_before, 0) AS delta,
    c.complete AND c.complete_before AS complete
  FROM resource AS r JOIN cost AS c ON c.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
)
SELECT j.address,
  CASE WHEN j.delta > $limit THEN TRUE WHEN NOT j.complete AND j.delta * 2 > $limit THEN NULL ELSE FALSE END AS violation,
  CASE WHEN j.delta > $limit
    THEN 'adds ' || money_text(j.delta, p.currency) || ' a month, more than ' || money_text($limit, p.currency)
    ELSE 'adds at least ' || money_text(j.delta, p.currency) || ' a month; the rest of its cost is not known, so the limit of '
      || money_text($limit, p.currency) || ' can''t be judged' END AS message
FROM judged AS j CROSS JOIN plan AS p

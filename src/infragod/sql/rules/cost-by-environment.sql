-- id = "cost-by-environment"
-- pack = "cost"
-- title = "One change adds no more to an environment than that environment may grow by"
-- why = "A trial that costs as much as production was meant to be a trial."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- needs = ["limits"]
-- mend = "make it smaller, or move it to the environment that it belongs to"
-- [parameters.limits]
-- type = "limits"
-- tighter = "less"
-- help = 'what one plan may add a month by environment, for example {dev = 200, "test*" = 500}; without a limit nothing is judged'
WITH changed AS (
  SELECT o.environment, COALESCE(c.monthly_cost, 0) - COALESCE(c.monthly_cost_before, 0) AS delta,
    c.address IS NULL OR NOT c.complete OR NOT c.complete_before AS unknown
  FROM resource AS r
  JOIN owner AS o ON o.address = r.address
  LEFT JOIN cost AS c ON c.address = r.address
  WHERE r.action IN ('create', 'update', 'replace', 'delete') AND NOT r.deposed AND o.environment IS NOT NULL
),
summed AS (
  SELECT c.environment, SUM(c.delta) AS delta, COUNT(*) FILTER (WHERE c.unknown) AS unknowns
  FROM changed AS c GROUP BY c.environment
),
limited AS (
  SELECT s.environment, s.delta, s.unknowns, MIN(l.value) AS most
  FROM summed AS s JOIN p_limits AS l ON s.environment LIKE l.pattern ESCAPE '!'
  GROUP BY s.environment, s.delta, s.unknowns
)
SELECT 'plan' AS address, CASE WHEN l.delta > l.most THEN TRUE WHEN l.unknowns > 0 THEN NULL ELSE FALSE END AS violation,
  CASE WHEN l.delta > l.most
    THEN 'adds ' || money_text(l.delta, p.currency) || ' a month to ' || l.environment || ', more than '
      || money_text(l.most, p.currency)
    ELSE 'adds at least ' || money_text(l.delta, p.currency) || ' a month to ' || l.environment || '; the cost of '
      || count_text(l.unknowns) || ' resources is not known' END AS message
FROM limited AS l CROSS JOIN plan AS p

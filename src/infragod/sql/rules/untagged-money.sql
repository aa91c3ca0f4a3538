-- id = "untagged-money"
-- pack = "budget"
-- title = "What adds to the bill has an owner"
-- why = "Money without an owner draws on nobody's budget, so no budget can say no to it."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- needs = ["team"]
-- mend = "give {address_of_most} and its like the tag of their team, or name them in ownership.toml"
-- [parameters.limit]
-- type = "decimal"
-- default = 100
-- tighter = "less"
-- help = "what resources without a known team may add a month, all together, in the currency of the prices"
--
-- # Not judged where no team was imported: then nobody has an owner yet.
WITH unowned AS (
  SELECT r.address, COALESCE(c.monthly_cost, 0) - COALESCE(c.monthly_cost_before, 0) AS delta,
    c.address IS NULL OR NOT c.complete OR NOT c.complete_before AS unknown
  FROM resource AS r
  LEFT JOIN cost AS c ON c.address = r.address
  LEFT JOIN owner AS o ON o.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND o.team IS NULL
    AND EXISTS (SELECT 1 AS one FROM team)
),
ranked AS (
  SELECT u.address, u.delta, u.unknown, ROW_NUMBER() OVER (ORDER BY u.delta DESC, u.address) AS rank FROM unowned AS u
),
summed AS (
  SELECT COUNT(*) AS resources, SUM(k.delta) AS delta, COUNT(*) FILTER (WHERE k.unknown) AS unknowns,
    MAX(CASE WHEN k.rank = 1 THEN k.address ELSE '' END) AS first_address
  FROM ranked AS k
)
SELECT 'plan' AS address, CASE WHEN s.delta > $limit THEN TRUE WHEN s.unknowns > 0 THEN NULL ELSE FALSE END AS violation,
  count_text(s.resources) || ' resources without a known team add '
    || CASE WHEN s.delta > $limit THEN '' ELSE 'at least ' END || money_text(s.delta, p.currency) || ' a month'
    || CASE WHEN s.unknowns > 0 THEN '; the cost of ' || count_text(s.unknowns) || ' is not known' ELSE '' END AS message,
  s.first_address AS address_of_most
FROM summed AS s CROSS JOIN plan AS p
WHERE s.resources > 0

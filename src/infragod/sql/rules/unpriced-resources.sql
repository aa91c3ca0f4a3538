-- id = "unpriced-resources"
-- pack = "cost"
-- title = "What is created has a price"
-- why = "A cost that nobody could foresee is the one that surprises; unknown is not zero."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "{todo}"
-- [parameters.usage]
-- type = "boolean"
-- default = false
-- tighter = "true"
-- help = "name resources too whose price is known, but not the usage it applies to"
-- [parameters.ignore]
-- type = "patterns"
-- tighter = "fewer"
-- help = "types of resources that may be without a price; * and ? stand for anything"
WITH judged AS (
  SELECT r.address, r.type, COALESCE(c.complete, FALSE) AS complete
  FROM resource AS r LEFT JOIN cost AS c ON c.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND NOT EXISTS (SELECT 1 AS one FROM p_ignore AS p WHERE r.type LIKE p.pattern ESCAPE '!')
),
parts AS (
  SELECT k.address, COUNT(*) FILTER (WHERE k.unit_price IS NULL) AS unpriced,
    STRING_AGG(CASE WHEN k.unit_price IS NULL THEN k.name ELSE NULL END, ', ' ORDER BY k.name) AS unpriced_names,
    STRING_AGG(CASE WHEN k.unit_price IS NOT NULL THEN k.name ELSE NULL END, ', ' ORDER BY k.name) AS unused_names
  FROM component AS k
  WHERE k.basis = 'unknown'
  GROUP BY k.address
)
SELECT j.address,
  NOT j.complete AND (p.address IS NULL OR p.unpriced > 0 OR $usage) AS violation,
  CASE
    WHEN p.address IS NULL THEN 'no price of ' || j.type || ' is known'
    WHEN p.unpriced > 0 THEN 'no price is known of ' || p.unpriced_names
    ELSE 'the usage is not known of ' || p.unused_names END AS message,
  CASE
    WHEN p.address IS NULL OR p.unpriced > 0 THEN 'look up what it costs before it is applied, and import its price'
    ELSE 'write the expected usage into usage.toml' END AS todo
FROM judged AS j LEFT JOIN parts AS p ON p.address = j.address

-- id = "tag-spelling"
-- pack = "tagging"
-- title = "A tag's key is spelled in one way"
-- why = "Team and team are two keys to the provider and to the bill: half of the money falls under the other one."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- needs = ["tag"]
-- mend = "write the key as {wanted}"
-- [parameters.keys]
-- type = "list"
-- tighter = "superset"
-- help = 'keys as the company spells them, for example ["team", "cost-centre"]; another case, or _ for -, is wrong'
--
-- # Keys are always known before the apply, so nothing here can be unknown.
WITH judged AS (
  SELECT r.address, t.key, LOWER(REPLACE(TRIM(t.key), '_', '-')) AS folded
  FROM resource AS r JOIN tag AS t ON t.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
),
wanted AS (
  SELECT j.address, j.key, MIN(k.value) AS key_wanted, MAX(CASE WHEN k.value = j.key THEN 1 ELSE 0 END) AS good
  FROM judged AS j JOIN p_keys AS k ON LOWER(REPLACE(k.value, '_', '-')) = j.folded
  GROUP BY j.address, j.key
),
twice AS (
  SELECT j.address, LOWER(TRIM(j.key)) AS folded, MIN(j.key) AS first_key, MAX(j.key) AS last_key, COUNT(*) AS spellings
  FROM judged AS j GROUP BY j.address, LOWER(TRIM(j.key))
)
SELECT j.address, TRIM(j.key) <> j.key OR COALESCE(w.good = 0, FALSE) AS violation,
  CASE WHEN w.good = 0 THEN 'has the key "' || j.key || '", not "' || w.key_wanted || '"'
    ELSE 'has the key "' || j.key || '" with a blank at its end' END AS message,
  COALESCE(w.key_wanted, TRIM(j.key)) AS wanted
FROM judged AS j LEFT JOIN wanted AS w ON w.address = j.address AND w.key = j.key
UNION ALL
SELECT t.address, t.spellings > 1 AS violation,
  'has the keys "' || t.first_key || '" and "' || t.last_key || '", which differ in case alone' AS message,
  'one of them, and drop the other' AS wanted
FROM twice AS t

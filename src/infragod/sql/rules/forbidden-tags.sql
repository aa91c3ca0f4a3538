-- id = "forbidden-tags"
-- pack = "tagging"
-- title = "No tag holds a secret or a person's address"
-- why = "Tags stand in bills, exports and dashboards that half of the company reads."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- needs = ["tag"]
-- mend = "remove the tag {key}; name a team instead of a person, and keep secrets in a secret store"
-- [parameters.keys]
-- type = "patterns"
-- default = ["*password*", "*passwd*", "*secret_key*", "*secret-key*", "*api_key*", "*api-key*", "*apikey*", "*private_key*", "*private-key*", "*access_token*"]
-- tighter = "superset"
-- help = "keys that no tag may have, in any case; * and ? stand for anything"
-- [parameters.values]
-- type = "patterns"
-- default = ["AKIA????????????????", "ASIA????????????????", "gh?_????????????????????????????????????", "xox?-*", "*-----BEGIN *", "eyJ*.eyJ*.*"]
-- tighter = "superset"
-- help = 'values that no tag may have: access keys of clouds and services, private keys; "*@*.*" adds e-mail addresses'
-- [parameters.allowed]
-- type = "patterns"
-- tighter = "fewer"
-- help = 'keys whose value may be anything, for example ["contact"]'
-- [parameters.strict]
-- type = "boolean"
-- default = false
-- tighter = "true"
-- help = "name tags too whose value only the apply tells"
--
-- # The message never repeats the value: it would put the secret into the record.
WITH judged AS (
  SELECT r.address, t.key, t.value
  FROM resource AS r JOIN tag AS t ON t.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND NOT EXISTS (SELECT 1 AS one FROM p_allowed AS p WHERE t.key LIKE p.pattern ESCAPE '!')
),
keyed AS (
  SELECT DISTINCT j.address, j.key
  FROM judged AS j JOIN p_keys AS p ON LOWER(j.key) LIKE LOWER(p.pattern) ESCAPE '!'
),
valued AS (
  SELECT j.address, j.key, MIN(p.value) AS shape
  FROM judged AS j JOIN p_values AS p ON j.value IS NOT NULL AND j.value LIKE p.pattern ESCAPE '!'
  GROUP BY j.address, j.key
)
SELECT j.address,
  CASE WHEN k.address IS NOT NULL OR v.address IS NOT NULL THEN TRUE WHEN j.value IS NULL AND $strict THEN NULL ELSE FALSE END
    AS violation,
  CASE
    WHEN k.address IS NOT NULL THEN 'has the tag ' || j.key || ', whose name promises a secret'
    WHEN v.shape = '*@*.*' THEN 'has an e-mail address in the tag ' || j.key
    WHEN v.address IS NOT NULL THEN 'has what looks like a secret in the tag ' || j.key || ' (' || v.shape || ')'
    ELSE 'the value of the tag ' || j.key || ' is known only after apply' END AS message,
  j.key
FROM judged AS j
LEFT JOIN keyed AS k ON k.address = j.address AND k.key = j.key
LEFT JOIN valued AS v ON v.address = j.address AND v.key = j.key

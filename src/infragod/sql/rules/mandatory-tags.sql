-- id = "mandatory-tags"
-- pack = "tagging"
-- title = "Every resource carries the tags that say who pays for it"
-- why = "A cost without an owner is nobody's: it can't be budgeted, charged or cut."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- mend = "add {wanted} to {place}"
-- [parameters.keys]
-- type = "list"
-- default = ["team", "service", "environment"]
-- tighter = "superset"
-- help = "tags (AWS, Azure) or labels (Google) that must be there, and not be empty"
-- [parameters.values]
-- type = "table"
-- tighter = "subset"
-- help = 'allowed values by key, for example {environment = ["prod", "dev"]}; a key without a list may have any'
-- [parameters.patterns]
-- type = "pattern-table"
-- tighter = "subset"
-- help = 'allowed patterns by key, for example {cost-centre = ["cc-*"]}; * and ? stand for anything'
-- [parameters.owner_exists]
-- type = "boolean"
-- default = true
-- tighter = "true"
-- help = "the owning team must be one that org import brought; not judged where no team was imported"
--
-- # A no-op is not judged: what it lacks, it lacked before this change. A type that can't be tagged is not judged.
WITH judged AS (
  SELECT r.address, r.provider, r.tags_known AND COALESCE(r.taggable, FALSE) AS complete
  FROM resource AS r
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND COALESCE(r.taggable, TRUE)
),
limited AS (
  SELECT l.key, COUNT(l.exact) AS exacts, COUNT(l.pattern) AS patterns, STRING_AGG(l.shown, ' or ' ORDER BY l.shown) AS shown
  FROM (
    SELECT v.key, v.value AS exact, NULL AS pattern, '"' || v.value || '"' AS shown FROM p_values AS v
    UNION ALL
    SELECT p.key, NULL AS exact, p.pattern, '"' || p.value || '"' AS shown FROM p_patterns AS p
  ) AS l
  GROUP BY l.key
),
asked AS (
  SELECT a.key, MAX(a.required) AS required
  FROM (
    SELECT k.value AS key, 1 AS required FROM p_keys AS k
    UNION ALL
    SELECT m.key, 0 AS required FROM limited AS m
  ) AS a
  GROUP BY a.key
),
keyed AS (
  SELECT j.address, j.complete, a.key, a.required, t.value, t.address IS NOT NULL AS present
  FROM judged AS j CROSS JOIN asked AS a LEFT JOIN tag AS t ON t.address = j.address AND t.key = a.key
),
exact AS (
  SELECT DISTINCT k.address, k.key
  FROM keyed AS k JOIN p_values AS v ON v.key = k.key AND k.value IS NOT NULL AND v.value = k.value
),
matching AS (
  SELECT DISTINCT k.address, k.key
  FROM keyed AS k JOIN p_patterns AS p ON p.key = k.key AND k.value IS NOT NULL AND k.value LIKE p.pattern ESCAPE '!'
),
stated AS (
  SELECT k.address, k.key, k.value, l.shown,
    CASE
      WHEN k.present AND k.value IS NULL THEN 'unknown'
      WHEN COALESCE(k.value, '') = '' AND k.required = 0 THEN 'good'
      WHEN NOT k.present AND NOT k.complete THEN 'unknown'
      WHEN COALESCE(k.value, '') = '' THEN 'missing'
      WHEN COALESCE(l.exacts, 0) > 0 AND e.address IS NULL THEN 'wrong'
      WHEN COALESCE(l.patterns, 0) > 0 AND m.address IS NULL THEN 'wrong'
      ELSE 'good'
    END AS state
  FROM keyed AS k
  LEFT JOIN limited AS l ON l.key = k.key
  LEFT JOIN exact AS e ON e.address = k.address AND e.key = k.key
  LEFT JOIN matching AS m ON m.address = k.address AND m.key = k.key
),
owned AS (
  SELECT j.address,
    CASE WHEN o.team IS NULL THEN 'unowned' WHEN m.team IS NULL THEN 'nobody' ELSE 'good' END AS state,
    COALESCE(o.team, '') AS team
  FROM judged AS j
  LEFT JOIN owner AS o ON o.address = j.address
  LEFT JOIN team AS m ON o.team IS NOT NULL AND m.team = o.team
  WHERE $owner_exists AND EXISTS (SELECT 1 AS one FROM team)
),
told AS (
  SELECT s.address, CASE s.state WHEN 'unknown' THEN 0 ELSE 1 END AS part, s.state,
    CASE s.state WHEN 'missing' THEN s.key WHEN 'unknown' THEN s.key
      ELSE s.key || ' is "' || COALESCE(s.value, '') || '", not ' || COALESCE(s.shown, '') END AS said,
    s.key || ' = ' || COALESCE(s.shown, '"…"') AS wanted
  FROM stated AS s
  WHERE s.state <> 'good'
  UNION ALL
  SELECT o.address, 2 AS part, CASE o.state WHEN 'nobody' THEN 'wrong' ELSE 'unknown' END AS state,
    CASE o.state WHEN 'nobody' THEN 'the team ' || o.team || ' does not exist' ELSE 'its owner is not known' END AS said,
    'the name of an existing team' AS wanted
  FROM owned AS o
  WHERE o.state <> 'good'
),
worst AS (
  SELECT t.address, MAX(CASE t.state WHEN 'unknown' THEN 1 ELSE 2 END) AS rank FROM told AS t GROUP BY t.address
),
summed AS (
  SELECT t.address, w.rank,
    STRING_AGG(CASE t.state WHEN 'missing' THEN t.said ELSE NULL END, ', ' ORDER BY t.said) AS lacking,
    STRING_AGG(CASE WHEN t.part = 0 THEN t.said ELSE NULL END, ', ' ORDER BY t.said) || ' known only after apply' AS hidden,
    STRING_AGG(CASE WHEN t.part = 0 OR t.state = 'missing' THEN NULL ELSE t.said END, ', ' ORDER BY t.part, t.said) AS other,
    STRING_AGG(t.wanted, ', ' ORDER BY t.part, t.wanted) AS wanted
  FROM told AS t JOIN worst AS w ON w.address = t.address
  WHERE w.rank = 1 OR t.state <> 'unknown'
  GROUP BY t.address, w.rank
)
SELECT j.address,
  CASE WHEN s.rank = 2 THEN TRUE WHEN s.rank = 1 THEN NULL ELSE FALSE END AS violation,
  CASE
    WHEN s.rank = 1 THEN COALESCE(s.hidden || CASE WHEN s.other IS NULL THEN '' ELSE ', ' || s.other END, s.other)
    WHEN s.lacking IS NULL THEN s.other
    WHEN s.other IS NULL THEN 'lacks ' || s.lacking
    ELSE 'lacks ' || s.lacking || '; ' || s.other END AS message,
  s.wanted,
  CASE j.provider
    WHEN 'aws' THEN 'tags or to the provider''s default_tags'
    WHEN 'google' THEN 'labels or to the provider''s default_labels'
    WHEN 'google-beta' THEN 'labels or to the provider''s default_labels'
    ELSE 'its tags' END AS place
FROM judged AS j LEFT JOIN summed AS s ON s.address = j.address

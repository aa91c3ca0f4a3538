-- id = "expiry-tag"
-- pack = "lifecycle"
-- title = "What is not production says when it ends"
-- why = "Tests and trials stay on the bill for years, because nobody dares to delete them."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["$types"]
-- mend = 'add {key} = "YYYY-MM-DD", at most {days} days from today, to its tags or labels'
-- [parameters.key]
-- type = "text"
-- default = "expires"
-- help = "tag or label that holds the day, written YYYY-MM-DD"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments that need no end"
-- [parameters.days]
-- type = "integer"
-- default = 90
-- tighter = "less"
-- help = "how far the day may lie ahead"
-- [parameters.types]
-- type = "patterns"
-- default = ["aws_instance", "aws_db_instance", "aws_rds_cluster", "aws_eks_cluster", "aws_elasticache_*", "aws_redshift_cluster", "google_compute_instance", "google_sql_database_instance", "google_container_cluster", "azurerm_*_virtual_machine"]
-- tighter = "superset"
-- help = "types of resources that must say it; * and ? stand for anything"
--
-- # Without any environment it can't be production or not: that is for mandatory-tags to say.
WITH typed AS (
  SELECT r.address, r.tags_known AND COALESCE(r.taggable, FALSE) AS complete, o.environment
  FROM resource AS r LEFT JOIN owner AS o ON o.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND COALESCE(r.taggable, TRUE)
    AND EXISTS (SELECT 1 AS one FROM p_types AS p WHERE r.type LIKE p.pattern ESCAPE '!')
),
hidden AS (
  SELECT DISTINCT t.address FROM tag AS t WHERE t.value IS NULL AND LOWER(t.key) IN ('environment', 'env', 'stage')
),
judged AS (
  SELECT t.address, t.complete, t.environment
  FROM typed AS t
  LEFT JOIN hidden AS h ON h.address = t.address
  LEFT JOIN p_production AS p ON t.environment IS NOT NULL AND p.value = t.environment
  WHERE p.value IS NULL AND (t.environment IS NOT NULL OR NOT t.complete OR h.address IS NOT NULL)
),
dated AS (
  SELECT j.address, j.complete, j.environment, g.address IS NOT NULL AS present, g.value, TRY_CAST(g.value AS DATE) AS day
  FROM judged AS j LEFT JOIN tag AS g ON g.address = j.address AND g.key = $key
),
stated AS (
  SELECT d.address, d.environment, d.value, d.day,
    CASE
      WHEN d.environment IS NULL THEN 'environment'
      WHEN d.present AND d.value IS NULL THEN 'unknown'
      WHEN NOT d.present AND NOT d.complete THEN 'unknown'
      WHEN COALESCE(d.value, '') = '' THEN 'missing'
      WHEN d.day IS NULL THEN 'malformed'
      WHEN d.day < $today THEN 'past'
      WHEN DATE_DIFF('day', $today, d.day) > $days THEN 'far'
      ELSE 'good' END AS state
  FROM dated AS d
)
SELECT s.address,
  CASE s.state WHEN 'good' THEN FALSE WHEN 'environment' THEN NULL WHEN 'unknown' THEN NULL ELSE TRUE END AS violation,
  CASE s.state
    WHEN 'environment' THEN 'its environment is known only after apply'
    WHEN 'unknown' THEN $key || ' is known only after apply'
    WHEN 'missing' THEN 'is ' || s.environment || ' and lacks ' || $key
    WHEN 'malformed' THEN $key || ' is "' || s.value || '", which is no day'
    WHEN 'past' THEN $key || ' is ' || s.value || ', which is past'
    ELSE $key || ' is ' || s.value || ', more than ' || CAST($days AS VARCHAR) || ' days ahead' END AS message,
  $key AS key, $days AS days
FROM stated AS s

-- id = "schedule-tag"
-- pack = "lifecycle"
-- title = "What is not production says when it sleeps"
-- why = "A test machine that stops at night and at weekends costs less than a third."
-- level = "advisory"
-- enabled = false
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["$types"]
-- mend = 'add {key} = "office-hours", or what your scheduler reads, to its tags or labels'
-- [parameters.key]
-- type = "text"
-- default = "schedule"
-- help = "tag or label that the scheduler reads"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments that never sleep"
-- [parameters.types]
-- type = "patterns"
-- default = ["aws_instance", "aws_db_instance", "aws_rds_cluster", "google_compute_instance", "google_sql_database_instance", "azurerm_*_virtual_machine"]
-- tighter = "superset"
-- help = "types of resources that must say it; * and ? stand for anything"
WITH judged AS (
  SELECT r.address, o.environment, r.tags_known AS complete
  FROM resource AS r
  JOIN owner AS o ON o.address = r.address
  LEFT JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND COALESCE(r.taggable, TRUE)
    AND o.environment IS NOT NULL AND p.value IS NULL
    AND EXISTS (SELECT 1 AS one FROM p_types AS t WHERE r.type LIKE t.pattern ESCAPE '!')
)
SELECT j.address,
  CASE
    WHEN t.address IS NOT NULL AND t.value IS NULL THEN NULL
    WHEN t.address IS NULL AND NOT j.complete THEN NULL
    ELSE COALESCE(t.value, '') = '' END AS violation,
  CASE WHEN t.value IS NULL AND (t.address IS NOT NULL OR NOT j.complete) THEN $key || ' is known only after apply'
    ELSE 'is ' || j.environment || ' and lacks ' || $key END AS message,
  $key AS key
FROM judged AS j LEFT JOIN tag AS t ON t.address = j.address AND t.key = $key

-- id = "multi-az-outside-production"
-- pack = "sizing"
-- title = "What is not production needs no second zone"
-- why = "A standby in another zone doubles the price of a database that may be down for an afternoon."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_db_instance", "aws_elasticache_replication_group", "aws_docdb_cluster", "google_sql_database_instance", "google_redis_instance"]
-- attributes = ["multi_az", "multi_az_enabled", "settings.0.availability_type", "tier"]
-- needs = ["attribute"]
-- mend = "set {attribute} to {value}, or correct its environment"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments that may have a second zone"
WITH asked AS (
  SELECT r.address, o.environment, a.name, a.value,
    a.value IS NOT NULL AND a.value IN ('true', 'REGIONAL', 'STANDARD_HA') AS doubled
  FROM resource AS r
  JOIN attribute AS a ON a.address = r.address
  JOIN owner AS o ON o.address = r.address
  LEFT JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND o.environment IS NOT NULL AND p.value IS NULL
    AND (a.name <> 'tier' OR r.type = 'google_redis_instance')
)
SELECT a.address, CASE WHEN a.value IS NULL THEN NULL ELSE a.doubled END AS violation,
  CASE WHEN a.value IS NULL THEN 'is ' || a.environment || '; ' || a.name || ' is known only after apply'
    ELSE 'is ' || a.environment || ' and stands in two zones' END AS message,
  a.name AS attribute,
  CASE a.name WHEN 'settings.0.availability_type' THEN 'ZONAL' WHEN 'tier' THEN 'BASIC' ELSE 'false' END AS value
FROM asked AS a

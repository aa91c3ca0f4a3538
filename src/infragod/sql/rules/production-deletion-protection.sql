-- id = "production-deletion-protection"
-- pack = "lifecycle"
-- title = "Databases of production can't be deleted by one apply"
-- why = "A restored database costs a day of the whole company; the protection costs nothing."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster", "aws_dynamodb_table", "google_sql_database_instance"]
-- attributes = ["deletion_protection", "deletion_protection_enabled"]
-- mend = "set {attribute} = true"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "superset"
-- help = "environments whose databases must be protected"
WITH judged AS (
  SELECT r.address, r.type, a.address IS NOT NULL AS given, a.value
  FROM resource AS r
  JOIN owner AS o ON o.address = r.address
  JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
  LEFT JOIN attribute AS a ON a.address = r.address
  WHERE r.type IN ('aws_db_instance', 'aws_rds_cluster', 'aws_docdb_cluster', 'aws_neptune_cluster', 'aws_dynamodb_table',
      'google_sql_database_instance')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed
)
SELECT j.address, CASE WHEN NOT j.given THEN TRUE ELSE j.value <> 'true' END AS violation,
  CASE WHEN j.given AND j.value IS NULL THEN 'is production; whether it is protected is known only after apply'
    ELSE 'is production and can be deleted by one apply' END AS message,
  CASE j.type WHEN 'aws_dynamodb_table' THEN 'deletion_protection_enabled' ELSE 'deletion_protection' END AS attribute
FROM judged AS j

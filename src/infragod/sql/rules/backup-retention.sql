-- id = "backup-retention"
-- pack = "lifecycle"
-- title = "Backups are kept long enough, and not for ever"
-- why = "Too short is found out on the worst day; too long is paid for every day."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"]
-- attributes = ["backup_retention_period", "replicate_source_db"]
-- mend = "set backup_retention_period between {least} and {most} days"
-- [parameters.least]
-- type = "integer"
-- default = 7
-- tighter = "more"
-- help = "days that backups of production are kept at least"
-- [parameters.most]
-- type = "integer"
-- default = 35
-- tighter = "less"
-- help = "days that any backups are kept at most"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "superset"
-- help = "environments whose backups must be kept"
--
-- # A replica is backed up by what it follows.
WITH judged AS (
  SELECT r.address, a.address IS NOT NULL AND a.value IS NULL AS hidden, COALESCE(TRY_CAST(a.value AS BIGINT), 0) AS days,
    p.value IS NOT NULL AS kept
  FROM resource AS r
  LEFT JOIN owner AS o ON o.address = r.address
  LEFT JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
  LEFT JOIN attribute AS a ON a.address = r.address AND a.name = 'backup_retention_period'
  LEFT JOIN attribute AS s ON s.address = r.address AND s.name = 'replicate_source_db'
  WHERE r.type IN ('aws_db_instance', 'aws_rds_cluster', 'aws_docdb_cluster', 'aws_neptune_cluster')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND s.address IS NULL
)
SELECT j.address,
  CASE WHEN j.hidden THEN CASE WHEN j.kept THEN NULL ELSE FALSE END ELSE j.days > $most OR j.kept AND j.days < $least END AS violation,
  CASE
    WHEN j.hidden THEN 'how long it keeps its backups is known only after apply'
    WHEN j.days > $most THEN 'keeps its backups for ' || CAST(j.days AS VARCHAR) || ' days, more than ' || CAST($most AS VARCHAR)
    WHEN j.days = 0 THEN 'is production and keeps no backups'
    ELSE 'is production and keeps its backups for ' || CAST(j.days AS VARCHAR) || ' days, less than ' || CAST($least AS VARCHAR)
    END AS message,
  $least AS least, $most AS most
FROM judged AS j

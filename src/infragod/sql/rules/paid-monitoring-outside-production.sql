-- id = "paid-monitoring-outside-production"
-- pack = "cost"
-- title = "What is not production has the monitoring that is free"
-- why = "Metrics by the minute and insights kept for months are billed per machine; a test environment needs neither."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_instance", "aws_db_instance", "aws_rds_cluster_instance"]
-- attributes = ["monitoring", "performance_insights_retention_period"]
-- needs = ["attribute"]
-- mend = "set {attribute} = {free}"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments that may have any monitoring"
--
-- # What is not written down is the free kind, although the apply alone tells it.
SELECT r.address,
  CASE a.name WHEN 'monitoring' THEN COALESCE(a.value, '') = 'true' ELSE COALESCE(TRY_CAST(a.value AS BIGINT), 0) > 7 END AS violation,
  'is ' || o.environment || CASE a.name WHEN 'monitoring' THEN ' and has metrics by the minute'
    ELSE ' and keeps insights for ' || COALESCE(a.value, '') || ' days, of which 7 are free' END AS message,
  a.name AS attribute, CASE a.name WHEN 'monitoring' THEN 'false' ELSE '7' END AS free
FROM resource AS r
JOIN attribute AS a ON a.address = r.address
JOIN owner AS o ON o.address = r.address
LEFT JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
WHERE r.type IN ('aws_instance', 'aws_db_instance', 'aws_rds_cluster_instance')
  AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND o.environment IS NOT NULL AND p.value IS NULL
  AND (a.name = 'monitoring' AND r.type = 'aws_instance' OR a.name = 'performance_insights_retention_period')

-- id = "log-retention"
-- pack = "lifecycle"
-- title = "Logs are deleted when nobody will read them"
-- why = "A log group keeps everything for ever unless it is told otherwise, and the bill grows by it every month."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_cloudwatch_log_group", "google_logging_project_bucket_config"]
-- attributes = ["retention_in_days", "retention_days", "log_group_class"]
-- mend = "set {attribute} to {most} or less"
-- [parameters.days]
-- type = "integer"
-- default = 400
-- tighter = "less"
-- help = "days that logs may be kept"
WITH judged AS (
  SELECT r.address, a.address IS NOT NULL AS given, a.value, TRY_CAST(a.value AS BIGINT) AS days,
    CASE r.type WHEN 'aws_cloudwatch_log_group' THEN 'retention_in_days' ELSE 'retention_days' END AS name, r.type
  FROM resource AS r
  LEFT JOIN attribute AS a ON a.address = r.address AND a.name IN ('retention_in_days', 'retention_days')
  LEFT JOIN attribute AS k ON k.address = r.address AND k.name = 'log_group_class'
  WHERE r.type IN ('aws_cloudwatch_log_group', 'google_logging_project_bucket_config')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND COALESCE(k.value, '') <> 'DELIVERY'
)
SELECT j.address,
  CASE
    WHEN NOT j.given THEN j.type = 'aws_cloudwatch_log_group'
    WHEN j.days IS NULL THEN NULL
    ELSE j.days = 0 OR j.days > $days END AS violation,
  CASE
    WHEN j.given AND j.value IS NULL THEN 'how long it keeps its logs is known only after apply'
    WHEN NOT j.given OR j.value = '0' THEN 'keeps its logs for ever'
    ELSE 'keeps its logs for ' || j.value || ' days, more than ' || CAST($days AS VARCHAR) END AS message,
  j.name AS attribute, $days AS most
FROM judged AS j

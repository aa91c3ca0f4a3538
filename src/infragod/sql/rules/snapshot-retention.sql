-- id = "snapshot-retention"
-- pack = "lifecycle"
-- title = "Plans of snapshots say when the snapshots end"
-- why = "A plan that makes a snapshot every night and deletes none costs more every night."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_dlm_lifecycle_policy", "aws_backup_plan"]
-- attributes = ["rule.0.lifecycle.0.delete_after", "policy_details.0.schedule.0.retain_rule.0.count"]
-- mend = "set {attribute}"
-- [parameters.count]
-- type = "integer"
-- default = 60
-- tighter = "less"
-- help = "snapshots that a lifecycle policy may keep"
-- [parameters.days]
-- type = "integer"
-- default = 400
-- tighter = "less"
-- help = "days that a backup plan may keep a recovery point"
--
-- # The first rule of a plan is judged. A lifecycle policy that keeps by age instead of by number is not.
WITH judged AS (
  SELECT r.address, r.type, a.address IS NOT NULL AS given, a.value, TRY_CAST(a.value AS BIGINT) AS amount
  FROM resource AS r LEFT JOIN attribute AS a ON a.address = r.address
  WHERE r.type IN ('aws_dlm_lifecycle_policy', 'aws_backup_plan')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed
)
SELECT j.address,
  CASE
    WHEN NOT j.given THEN j.type = 'aws_backup_plan'
    WHEN j.amount IS NULL THEN NULL
    WHEN j.type = 'aws_backup_plan' THEN j.amount = 0 OR j.amount > $days
    ELSE j.amount > $count END AS violation,
  CASE
    WHEN j.given AND j.value IS NULL THEN 'how long it keeps them is known only after apply'
    WHEN NOT j.given OR j.value = '0' THEN 'keeps its recovery points for ever'
    WHEN j.type = 'aws_backup_plan' THEN 'keeps its recovery points for ' || j.value || ' days, more than ' || CAST($days AS VARCHAR)
    ELSE 'keeps ' || j.value || ' snapshots, more than ' || CAST($count AS VARCHAR) END AS message,
  CASE j.type WHEN 'aws_backup_plan' THEN 'lifecycle.delete_after, in days' ELSE 'retain_rule.count' END AS attribute
FROM judged AS j

-- id = "flow-logs-destination"
-- pack = "cost"
-- title = "Flow logs go where bytes are cheap"
-- why = "Logs of every packet's headers cost twice as much to take in as log events than as files, and more to keep."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_flow_log"]
-- attributes = ["log_destination_type"]
-- mend = 'set log_destination_type = "s3", unless alarms read the log'
SELECT r.address,
  CASE WHEN a.address IS NULL THEN TRUE WHEN a.value IS NULL THEN NULL ELSE a.value = 'cloud-watch-logs' END AS violation,
  CASE WHEN a.address IS NOT NULL AND a.value IS NULL THEN 'where it writes to is known only after apply'
    ELSE 'writes to CloudWatch Logs' END AS message
FROM resource AS r LEFT JOIN attribute AS a ON a.address = r.address AND a.name = 'log_destination_type'
WHERE r.type = 'aws_flow_log' AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed

-- id = "provisioned-iops"
-- pack = "sizing"
-- title = "Dear disks are only for what a common disk can't do"
-- why = "io1 and io2 are billed for every operation that was promised; gp3 gives up to 16,000 of them for a fraction."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_ebs_volume", "aws_instance", "aws_db_instance"]
-- attributes = ["type", "iops", "storage_type", "root_block_device.0.volume_type", "root_block_device.0.iops"]
-- needs = ["attribute"]
-- mend = "use gp3 with iops = {iops}, after a trial"
-- [parameters.iops]
-- type = "integer"
-- default = 16000
-- tighter = "more"
-- help = "operations a second up to which gp3 is asked for"
WITH disks AS (
  SELECT r.address, k.value AS kind, i.address IS NOT NULL AS given, TRY_CAST(i.value AS BIGINT) AS iops
  FROM resource AS r
  JOIN attribute AS k ON k.address = r.address AND (
    r.type = 'aws_ebs_volume' AND k.name = 'type'
    OR r.type = 'aws_db_instance' AND k.name = 'storage_type'
    OR r.type = 'aws_instance' AND k.name = 'root_block_device.0.volume_type')
  LEFT JOIN attribute AS i ON i.address = r.address AND (
    r.type = 'aws_instance' AND i.name = 'root_block_device.0.iops' OR r.type <> 'aws_instance' AND i.name = 'iops')
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND k.value IS NOT NULL AND k.value IN ('io1', 'io2')
)
SELECT d.address, CASE WHEN d.iops IS NULL THEN NULL ELSE d.iops <= $iops END AS violation,
  CASE WHEN d.iops IS NULL THEN 'is ' || d.kind || '; how many operations it promises is known only after apply'
    ELSE 'is ' || d.kind || ' with ' || count_text(d.iops) || ' operations a second, which gp3 gives too' END AS message,
  COALESCE(CAST(d.iops AS VARCHAR), '…') AS iops
FROM disks AS d

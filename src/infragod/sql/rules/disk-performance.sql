-- id = "disk-performance"
-- pack = "sizing"
-- title = "Disks buy little beyond what their price includes"
-- why = "gp3 includes 3,000 operations and 125 MB a second; whatever is asked for beyond that is billed whether it is used or not."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_ebs_volume", "aws_instance"]
-- attributes = ["type", "iops", "throughput", "root_block_device.0.volume_type", "root_block_device.0.iops", "root_block_device.0.throughput"]
-- needs = ["attribute"]
-- mend = "set {attribute} to what the disk's measurements show"
-- [parameters.iops]
-- type = "integer"
-- default = 6000
-- tighter = "less"
-- help = "operations a second that a gp3 disk may ask for"
-- [parameters.throughput]
-- type = "integer"
-- default = 250
-- tighter = "less"
-- help = "MB a second that a gp3 disk may ask for"
--
-- # What is not written down is what the price includes, although the apply alone tells it.
WITH disks AS (
  SELECT r.address, r.type
  FROM resource AS r
  JOIN attribute AS k ON k.address = r.address AND k.value IS NOT NULL AND k.value = 'gp3'
    AND k.name = CASE r.type WHEN 'aws_ebs_volume' THEN 'type' ELSE 'root_block_device.0.volume_type' END
  WHERE r.type IN ('aws_ebs_volume', 'aws_instance') AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed
),
asked AS (
  SELECT d.address, CASE WHEN a.name LIKE '%iops' THEN 'iops' ELSE 'throughput' END AS name, TRY_CAST(a.value AS BIGINT) AS amount
  FROM disks AS d JOIN attribute AS a ON a.address = d.address AND a.value IS NOT NULL
    AND (d.type = 'aws_ebs_volume' AND a.name IN ('iops', 'throughput')
      OR d.type = 'aws_instance' AND a.name IN ('root_block_device.0.iops', 'root_block_device.0.throughput'))
)
SELECT a.address, a.amount > CASE a.name WHEN 'iops' THEN $iops ELSE $throughput END AS violation,
  'asks for ' || count_text(a.amount) || CASE a.name WHEN 'iops' THEN ' operations' ELSE ' MB' END || ' a second, more than '
    || count_text(CASE a.name WHEN 'iops' THEN $iops ELSE $throughput END) AS message,
  a.name AS attribute
FROM asked AS a

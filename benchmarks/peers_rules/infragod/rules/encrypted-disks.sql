-- id = "encrypted-disks"
-- title = "Disks are encrypted"
-- why = "The programs are asked for the same four things."
-- level = "mandatory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_ebs_volume"]
-- attributes = ["encrypted"]
-- mend = "set encrypted = true"
SELECT r.address, CASE WHEN a.address IS NULL THEN TRUE ELSE a.value <> 'true' END AS violation,
  CASE WHEN a.address IS NOT NULL AND a.value IS NULL THEN 'whether it is encrypted is known only after apply'
    ELSE 'is not encrypted' END AS message
FROM resource AS r LEFT JOIN attribute AS a ON a.address = r.address AND a.name = 'encrypted'
WHERE r.type = 'aws_ebs_volume' AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed

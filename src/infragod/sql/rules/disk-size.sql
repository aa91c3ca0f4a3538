-- id = "disk-size"
-- pack = "sizing"
-- title = "Disks are not larger than they need to be"
-- why = "A disk is paid for by its size and not by what is on it, and it can grow later but never shrink."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_ebs_volume", "aws_instance", "aws_db_instance", "google_compute_disk", "google_compute_instance"]
-- attributes = ["size", "allocated_storage", "root_block_device.0.volume_size", "boot_disk.0.initialize_params.0.size"]
-- needs = ["attribute"]
-- mend = "begin with {most} GB or less, and let it grow"
-- [parameters.limits]
-- type = "limits"
-- default = {aws_ebs_volume = 2000, aws_instance = 200, aws_db_instance = 2000, google_compute_disk = 2000, google_compute_instance = 200}
-- tighter = "less"
-- help = "GB by type of resource; of a machine its root disk is meant; * and ? stand for anything"
--
-- # A disk that only the apply will tell is the image's choice, and is not judged.
WITH asked AS (
  SELECT r.address, r.type, a.name, TRY_CAST(a.value AS DECIMAL(38,12)) AS size, MIN(l.value) AS most
  FROM resource AS r
  JOIN attribute AS a ON a.address = r.address
  JOIN p_limits AS l ON r.type LIKE l.pattern ESCAPE '!'
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND (a.value IS NOT NULL OR a.name = 'size' AND r.type = 'aws_ebs_volume' OR a.name = 'allocated_storage')
    AND (a.name <> 'size' OR r.type IN ('aws_ebs_volume', 'google_compute_disk'))
  GROUP BY r.address, r.type, a.name, a.value
)
SELECT a.address, a.size > a.most AS violation,
  CASE WHEN a.size IS NULL THEN 'its size is known only after apply'
    ELSE 'has ' || CASE WHEN a.name IN ('size', 'allocated_storage') THEN 'a disk of ' ELSE 'a root disk of ' END
      || count_text(a.size) || ' GB, more than ' || count_text(a.most) END AS message,
  count_text(a.most) AS most
FROM asked AS a

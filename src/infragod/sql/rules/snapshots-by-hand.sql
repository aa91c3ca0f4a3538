-- id = "snapshots-by-hand"
-- pack = "lifecycle"
-- title = "Snapshots are made by what deletes them again"
-- why = "A snapshot that stands in the configuration stays until somebody remembers why it was made."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_ebs_snapshot", "aws_ebs_snapshot_copy", "aws_db_snapshot", "aws_db_cluster_snapshot", "aws_ami_from_instance", "google_compute_snapshot"]
-- actions = ["create"]
-- mend = "let a lifecycle policy or a backup plan make it, or say by the tag {key} when it goes"
-- [parameters.key]
-- type = "text"
-- default = "expires"
-- help = "tag that says when a snapshot may go; one that has it passes"
SELECT r.address, CASE WHEN t.address IS NOT NULL THEN FALSE WHEN r.tags_known THEN TRUE ELSE NULL END AS violation,
  CASE WHEN r.tags_known THEN 'is a snapshot that nothing deletes' ELSE 'whether it says when it goes is known only after apply' END AS message,
  $key AS key
FROM resource AS r LEFT JOIN tag AS t ON t.address = r.address AND LOWER(t.key) = LOWER($key)
WHERE r.action = 'create' AND NOT r.deposed
  AND r.type IN ('aws_ebs_snapshot', 'aws_ebs_snapshot_copy', 'aws_db_snapshot', 'aws_db_cluster_snapshot', 'aws_ami_from_instance',
    'google_compute_snapshot')

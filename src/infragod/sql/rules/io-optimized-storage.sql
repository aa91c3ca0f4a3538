-- id = "io-optimized-storage"
-- pack = "sizing"
-- title = "Clusters pay for input and output in the cheaper way"
-- why = "I/O-Optimized raises the price of machines by a third and of storage by more; it pays only where I/O is a quarter of the bill."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"]
-- attributes = ["storage_type"]
-- needs = ["attribute"]
-- mend = "begin with the standard storage, and change when its I/O passes a quarter of its cost"
--
-- # Whoever writes nothing down has the standard storage, although the apply alone tells it.
SELECT r.address, COALESCE(a.value, '') LIKE '%iopt1' AS violation,
  'has ' || COALESCE(a.value, '') || ', whose machines cost a third more' AS message
FROM resource AS r JOIN attribute AS a ON a.address = r.address AND a.name = 'storage_type'
WHERE r.type IN ('aws_rds_cluster', 'aws_docdb_cluster', 'aws_neptune_cluster')
  AND (r.action = 'create' OR r.action IN ('update', 'replace') AND a.value IS DISTINCT FROM a.value_before)
  AND NOT r.deposed

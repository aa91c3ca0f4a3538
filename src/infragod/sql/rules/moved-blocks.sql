-- id = "moved-blocks"
-- pack = "quota"
-- title = "What holds data is moved when it is renamed"
-- why = "A renamed block is a deleted database and a new, empty one, unless a moved block says that both are the same."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["$types"]
-- actions = ["delete"]
-- attributes = ["identifier", "cluster_identifier", "domain_name", "bucket", "name"]
-- mend = "write moved { from = {address}, to = {successor} }, or import the old one there"
-- [parameters.types]
-- type = "patterns"
-- default = ["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster", "aws_dynamodb_table", "aws_s3_bucket", "aws_ebs_volume", "aws_efs_file_system", "aws_redshift_cluster", "aws_opensearch_domain", "aws_kinesis_stream", "google_sql_database_instance", "google_storage_bucket", "google_compute_disk", "google_bigquery_dataset", "google_filestore_instance"]
-- tighter = "superset"
-- help = "types of resources that hold data; * and ? stand for anything"
--
-- # Judged is what goes because its block went. A successor is of the same type and created by the same plan: one of the
-- # same name out there, else one whose block has the same name, else the only one, where only one goes.
WITH gone AS (
  SELECT r.address, r.type, r.name
  FROM resource AS r
  WHERE r.action = 'delete' AND NOT r.deposed
    AND r.action_reason IN ('delete_because_no_resource_config', 'delete_because_no_module', 'delete_because_each_key',
      'delete_because_count_index', 'delete_because_wrong_repetition')
    AND EXISTS (SELECT 1 AS one FROM p_types AS p WHERE r.type LIKE p.pattern ESCAPE '!')
),
made AS (
  SELECT r.address, r.type, r.name FROM resource AS r WHERE r.action = 'create' AND NOT r.deposed
),
counted AS (
  SELECT g.type, COUNT(DISTINCT g.address) AS gone, COUNT(DISTINCT m.address) AS made
  FROM gone AS g JOIN made AS m ON m.type = g.type
  GROUP BY g.type
),
alike AS (
  SELECT DISTINCT a.address, b.address AS successor
  FROM gone AS g
  JOIN attribute AS a ON a.address = g.address
  JOIN made AS m ON m.type = g.type
  JOIN attribute AS b ON b.address = m.address AND b.name = a.name
    AND a.value IS NOT NULL AND b.value IS NOT NULL AND b.value = a.value
),
ranked AS (
  SELECT g.address, m.address AS successor, l.address IS NOT NULL AS same,
    ROW_NUMBER() OVER (PARTITION BY g.address
      ORDER BY CASE WHEN l.address IS NOT NULL THEN 0 WHEN m.name = g.name THEN 1 ELSE 2 END, m.address) AS rank
  FROM gone AS g
  JOIN made AS m ON m.type = g.type
  JOIN counted AS c ON c.type = g.type
  LEFT JOIN alike AS l ON l.address = g.address AND l.successor = m.address
  WHERE l.address IS NOT NULL OR m.name = g.name OR c.gone = 1 AND c.made = 1
)
SELECT r.address, TRUE AS violation,
  'is deleted while ' || r.successor || ' is created' || CASE WHEN r.same THEN ' with the same name out there' ELSE '' END
    || ': it looks renamed' AS message,
  r.successor
FROM ranked AS r
WHERE r.rank = 1

-- id = "arm-available"
-- pack = "sizing"
-- title = "Managed databases and caches run on ARM"
-- why = "Whoever never sees the processor needs none of the dearer kind: the same size on ARM costs a tenth less or better."
-- level = "advisory"
-- enabled = false
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_db_instance", "aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_opensearch_domain"]
-- attributes = ["instance_class", "node_type", "cluster_config.0.instance_type", "engine"]
-- needs = ["attribute"]
-- mend = "use {successor}"
-- [parameters.successors]
-- type = "table"
-- help = "family, and the ARM family that has the same sizes"
-- [parameters.successors.default]
-- "db.t3" = "db.t4g"
-- "db.m6i" = "db.m6g"
-- "db.m7i" = "db.m7g"
-- "db.r6i" = "db.r6g"
-- "db.r7i" = "db.r7g"
-- "cache.t3" = "cache.t4g"
-- "m6i" = "m6g"
-- "r6i" = "r6g"
-- "c6i" = "c6g"
--
-- # Engines that exist for one processor alone are not judged: Oracle and SQL Server.
WITH asked AS (
  SELECT r.address, a.value
  FROM resource AS r
  JOIN attribute AS a ON a.address = r.address AND a.name <> 'engine'
  LEFT JOIN attribute AS e ON e.address = r.address AND e.name = 'engine'
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND r.type IN ('aws_db_instance', 'aws_rds_cluster_instance', 'aws_docdb_cluster_instance', 'aws_elasticache_cluster',
      'aws_elasticache_replication_group', 'aws_opensearch_domain')
    AND (e.value IS NULL OR NOT (e.value LIKE 'oracle%' OR e.value LIKE 'sqlserver%' OR e.value LIKE 'custom-%'))
),
followed AS (
  SELECT a.address, a.value, MIN(CASE WHEN s.key IS NULL THEN NULL ELSE s.value || SUBSTRING(COALESCE(a.value, ''), LENGTH(s.key) + 1) END) AS successor
  FROM asked AS a LEFT JOIN p_successors AS s ON a.value IS NOT NULL AND STARTS_WITH(a.value, s.key || '.')
  GROUP BY a.address, a.value
)
SELECT f.address, CASE WHEN f.value IS NULL THEN NULL ELSE f.successor IS NOT NULL END AS violation,
  CASE WHEN f.value IS NULL THEN 'its size is known only after apply' ELSE f.value || ' → ' || f.successor END AS message,
  COALESCE(f.successor, 'an ARM size') AS successor
FROM followed AS f

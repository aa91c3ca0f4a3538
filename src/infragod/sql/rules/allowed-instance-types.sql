-- id = "allowed-instance-types"
-- pack = "sizing"
-- title = "Machines are of the types that the company has chosen"
-- why = "Few families mean commitments that fit; a large or exotic machine is the dearest mistake of one word."
-- level = "mandatory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- attributes = ["instance_type", "instance_class", "node_type", "cache_node_type", "broker_node_group_info.0.instance_type", "cluster_config.0.instance_type", "instance_types", "machine_type", "tier", "settings.0.tier", "node_config.0.machine_type", "size", "vm_size", "default_node_pool.0.vm_size"]
-- needs = ["types", "attribute"]
-- mend = "use one of {allowed}"
-- [parameters.types]
-- type = "patterns"
-- tighter = "subset"
-- help = 'allowed types, for example ["t3.*", "m7g.*", "e2-*"]; "t3.*" covers db.t3 and cache.t3 too; while the list is empty every type is allowed'
--
-- # Other rules ask for other attributes, which stand in the same table: only those named here are judged.
-- # `tier`, `size` and `node_type` mean a machine only on some types of resources; the list of them stands below.
WITH numbered AS (
  SELECT n.position FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16),
    (17), (18), (19), (20)) AS n(position)
),
asked AS (
  SELECT r.address, a.name, a.value
  FROM resource AS r JOIN attribute AS a ON a.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND EXISTS (SELECT 1 AS one FROM p_types)
    AND a.name IN ('instance_type', 'instance_class', 'node_type', 'cache_node_type',
      'broker_node_group_info.0.instance_type', 'cluster_config.0.instance_type', 'instance_types', 'machine_type', 'tier',
      'settings.0.tier', 'node_config.0.machine_type', 'size', 'vm_size', 'default_node_pool.0.vm_size')
    AND (a.name NOT IN ('tier', 'size', 'node_type')
      OR r.type IN ('aws_elasticache_cluster', 'aws_elasticache_replication_group', 'aws_memorydb_cluster',
        'aws_redshift_cluster', 'azurerm_linux_virtual_machine', 'azurerm_windows_virtual_machine'))
),
typed AS (
  SELECT a.address, CASE WHEN a.value IS NULL THEN NULL ELSE TRIM(SPLIT_PART(a.value, ',', n.position), '[]" ') END AS type
  FROM asked AS a JOIN numbered AS n ON n.position = 1 OR (a.name = 'instance_types' AND a.value IS NOT NULL)
),
judged AS (
  SELECT DISTINCT t.address, t.type,
    CASE WHEN t.type IS NULL THEN NULL
      WHEN t.type LIKE 'db.%' OR t.type LIKE 'cache.%' OR t.type LIKE 'ml.%' OR t.type LIKE 'kafka.%'
        THEN SUBSTRING(t.type, STRPOS(t.type, '.') + 1)
      ELSE t.type END AS bare
  FROM typed AS t
  WHERE t.type IS NULL OR t.type <> ''
),
allowed AS (
  SELECT DISTINCT j.address, j.type
  FROM judged AS j JOIN p_types AS p
    ON j.type IS NOT NULL AND j.bare IS NOT NULL AND (j.type LIKE p.pattern ESCAPE '!' OR j.bare LIKE p.pattern ESCAPE '!')
),
named AS (
  SELECT j.address, BOOL_OR(j.type IS NULL) AS some_unknown, COUNT(*) FILTER (WHERE j.type IS NOT NULL AND a.type IS NULL) AS refused,
    STRING_AGG(CASE WHEN j.type IS NOT NULL AND a.type IS NULL THEN j.type ELSE NULL END, ', ' ORDER BY j.type) AS types
  FROM judged AS j LEFT JOIN allowed AS a ON j.type IS NOT NULL AND a.address = j.address AND a.type = j.type
  GROUP BY j.address
)
SELECT n.address,
  CASE WHEN n.refused > 0 THEN TRUE WHEN n.some_unknown THEN NULL ELSE FALSE END AS violation,
  CASE WHEN n.refused > 0 THEN n.types || ' is not an allowed type' ELSE 'its type is known only after apply' END AS message,
  (SELECT STRING_AGG(p.value, ', ' ORDER BY p.value) FROM p_types AS p) AS allowed
FROM named AS n

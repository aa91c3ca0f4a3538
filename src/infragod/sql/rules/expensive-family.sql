-- id = "expensive-family"
-- pack = "sizing"
-- title = "Accelerated, huge and bare-metal machines are approved first"
-- why = "One word in a variable makes a machine of forty dollars an hour, and it runs over the weekend."
-- level = "approval"
-- at = ["plan"]
-- unknown = "warn"
-- attributes = ["instance_type", "instance_class", "node_type", "machine_type", "settings.0.tier", "node_config.0.machine_type", "size", "vm_size"]
-- needs = ["attribute"]
-- mend = "take a smaller machine, or ask for an approval that says until when it runs"
-- [parameters.families]
-- type = "patterns"
-- default = ["p2.*", "p3*.*", "p4*.*", "p5*.*", "p6*.*", "g4*.*", "g5*.*", "g6*.*", "inf*.*", "trn*.*", "dl*.*", "vt1.*", "f2.*", "u-*", "u7*", "x1*.*", "x2*.*", "x8*.*", "hpc*.*", "mac*.*", "*.metal*", "*.24xlarge", "*.32xlarge", "*.48xlarge", "*.56xlarge", "*.112xlarge", "a2-*", "a3-*", "a4-*", "g2-*", "m1-*", "m2-*", "m3-*", "x4-*", "Standard_N*", "Standard_M*"]
-- tighter = "superset"
-- help = "machines that need an approval; * and ? stand for anything; db., cache. and ml. before the name don't count"
--
-- # `size` and `node_type` mean a machine only on some types of resources.
WITH asked AS (
  SELECT r.address, a.name, a.value, r.action, a.value_before
  FROM resource AS r JOIN attribute AS a ON a.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND (a.name NOT IN ('size', 'node_type')
      OR r.type IN ('aws_elasticache_cluster', 'aws_elasticache_replication_group', 'aws_memorydb_cluster',
        'aws_redshift_cluster', 'azurerm_linux_virtual_machine', 'azurerm_windows_virtual_machine'))
),
judged AS (
  SELECT a.address, a.name, a.value,
    CASE WHEN a.value IS NULL THEN NULL
      WHEN a.value LIKE 'db.%' OR a.value LIKE 'cache.%' OR a.value LIKE 'ml.%' THEN SUBSTRING(a.value, STRPOS(a.value, '.') + 1)
      ELSE a.value END AS bare
  FROM asked AS a
  WHERE a.action = 'create' OR a.value IS NULL OR a.value IS DISTINCT FROM a.value_before
),
dear AS (
  SELECT DISTINCT j.address, j.name
  FROM judged AS j JOIN p_families AS p ON j.bare IS NOT NULL AND j.bare LIKE p.pattern ESCAPE '!'
)
SELECT j.address, CASE WHEN j.value IS NULL THEN NULL ELSE d.address IS NOT NULL END AS violation,
  CASE WHEN j.value IS NULL THEN j.name || ' is known only after apply'
    ELSE 'is ' || j.value || ', which needs an approval' END AS message
FROM judged AS j LEFT JOIN dear AS d ON d.address = j.address AND d.name = j.name

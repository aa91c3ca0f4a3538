-- id = "old-generation"
-- pack = "sizing"
-- title = "Machines and disks are of a current generation"
-- why = "A newer generation does more for the same money or less, and an old one runs out of capacity first."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- attributes = ["instance_type", "instance_class", "node_type", "type", "volume_type", "root_block_device.0.volume_type", "machine_type", "settings.0.tier", "node_config.0.machine_type"]
-- needs = ["attribute"]
-- mend = "use {successor}, after a trial"
-- [parameters.successors]
-- type = "table"
-- help = 'family, or exact type, and what follows it; an exact type goes before its family, and "" means that it may stay'
-- [parameters.successors.default]
-- t1 = "t3"
-- t2 = "t3"
-- m1 = "t3"
-- m2 = "r7i"
-- m3 = "m7i"
-- m4 = "m7i"
-- m5 = "m7i"
-- c1 = "c7i"
-- c3 = "c7i"
-- c4 = "c7i"
-- c5 = "c7i"
-- r3 = "r7i"
-- r4 = "r7i"
-- r5 = "r7i"
-- i2 = "i4i"
-- i3 = "i4i"
-- d2 = "d3"
-- g3 = "g5"
-- "m3.medium" = "t3.medium"
-- "c1.medium" = "c7i.large"
-- "m4.10xlarge" = "m7i.12xlarge"
-- "c5.9xlarge" = "c7i.12xlarge"
-- "c5.18xlarge" = "c7i.24xlarge"
-- "m5.metal" = ""
-- "c5.metal" = ""
-- "r5.metal" = ""
-- "i3.metal" = ""
-- "db.t2" = "db.t3"
-- "db.m3" = "db.m6i"
-- "db.m4" = "db.m6i"
-- "db.m5" = "db.m6i"
-- "db.r3" = "db.r6i"
-- "db.r4" = "db.r6i"
-- "db.r5" = "db.r6i"
-- "db.m3.medium" = "db.t3.medium"
-- "db.m4.10xlarge" = "db.m6i.12xlarge"
-- "cache.t2" = "cache.t4g"
-- "cache.m4" = "cache.m7g"
-- "cache.m5" = "cache.m7g"
-- "cache.r4" = "cache.r7g"
-- "cache.r5" = "cache.r7g"
-- "cache.m4.10xlarge" = "cache.m7g.12xlarge"
-- "cache.m5.24xlarge" = ""
-- "cache.r5.24xlarge" = ""
-- f1 = "e2"
-- g1 = "e2"
-- n1 = "n2"
-- "n1-standard-1" = "e2-standard-2"
-- gp2 = "gp3"
-- io1 = "io2"
--
-- # `type` and `node_type` mean other things on other types of resources, so those are named. A root disk that is not
-- # written down is the image's choice, not this change's: it is judged only where its type is known.
WITH asked AS (
  SELECT r.address, a.name, a.value
  FROM resource AS r JOIN attribute AS a ON a.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND (a.name NOT IN ('type', 'node_type')
      OR r.type IN ('aws_ebs_volume', 'aws_elasticache_cluster', 'aws_elasticache_replication_group'))
    AND (a.value IS NOT NULL OR a.name <> 'root_block_device.0.volume_type')
    AND (a.name NOT IN ('instance_type', 'machine_type') OR r.provider IN ('aws', 'google', 'google-beta'))
),
followed AS (
  SELECT a.address, a.name, a.value, s.value || SUBSTRING(a.value, LENGTH(s.key) + 1) AS successor,
    s.value = '' AS stays, ROW_NUMBER() OVER (PARTITION BY a.address, a.name ORDER BY LENGTH(s.key) DESC) AS rank
  FROM asked AS a JOIN p_successors AS s
    ON a.value IS NOT NULL
    AND (a.value = s.key OR STARTS_WITH(a.value, s.key || '.') OR STARTS_WITH(a.value, s.key || '-'))
)
SELECT a.address,
  CASE WHEN a.value IS NULL THEN NULL ELSE f.address IS NOT NULL AND NOT f.stays END AS violation,
  CASE WHEN a.value IS NULL THEN a.name || ' is known only after apply' ELSE a.value || ' → ' || f.successor END AS message,
  CASE WHEN a.value IS NULL THEN 'a current generation' ELSE COALESCE(f.successor, '') END AS successor
FROM asked AS a LEFT JOIN followed AS f ON f.address = a.address AND f.name = a.name AND f.rank = 1

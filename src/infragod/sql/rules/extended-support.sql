-- id = "extended-support"
-- pack = "lifecycle"
-- title = "No engine is so old that its support costs extra"
-- why = "The fee for an old version can pass the price of the machine, and it stands in no size and no type."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_db_instance", "aws_rds_cluster", "aws_eks_cluster", "aws_elasticache_cluster", "aws_elasticache_replication_group"]
-- attributes = ["engine", "engine_version", "version", "engine_lifecycle_support", "upgrade_policy.0.support_type"]
-- needs = ["attribute"]
-- mend = "move to a newer version"
-- [parameters.ahead]
-- type = "integer"
-- default = 90
-- tighter = "more"
-- help = "days before the fee begins on which it is said already"
-- [parameters.versions]
-- type = "table"
-- help = "engine and beginning of its version, and the day on which the fee begins"
-- [parameters.versions.default]
-- "mysql 5.7" = "2024-03-01"
-- "aurora-mysql 5.7" = "2024-12-01"
-- "aurora 5.6" = "2024-12-01"
-- "postgres 11" = "2024-04-01"
-- "postgres 12" = "2025-03-01"
-- "postgres 13" = "2026-03-01"
-- "aurora-postgresql 11" = "2024-04-01"
-- "aurora-postgresql 12" = "2025-03-01"
-- "aurora-postgresql 13" = "2026-03-01"
-- "redis 4" = "2026-02-01"
-- "redis 5" = "2026-02-01"
-- "eks 1.28" = "2024-11-26"
-- "eks 1.29" = "2025-03-23"
-- "eks 1.30" = "2025-07-23"
-- "eks 1.31" = "2025-11-26"
-- "eks 1.32" = "2026-03-23"
-- "eks 1.33" = "2026-07-29"
-- "eks 1.34" = "2026-12-02"
--
-- # Sources: AWS, "Amazon RDS Extended Support charges" and "Release calendar for RDS for PostgreSQL"; "ElastiCache
-- # Extended Support"; "EKS Kubernetes release calendar" (read 2026-11). Whoever declined extended support pays no fee: the
-- # provider upgrades by itself. A version that is not written down is the provider's choice, which is a current one.
WITH engines AS (
  SELECT r.address,
    CASE r.type WHEN 'aws_eks_cluster' THEN 'eks' WHEN 'aws_elasticache_replication_group' THEN COALESCE(e.value, 'redis')
      ELSE e.value END AS engine,
    v.value AS version
  FROM resource AS r
  JOIN attribute AS v ON v.address = r.address AND v.name = CASE r.type WHEN 'aws_eks_cluster' THEN 'version' ELSE 'engine_version' END
  LEFT JOIN attribute AS e ON e.address = r.address AND e.name = 'engine'
  LEFT JOIN attribute AS d ON d.address = r.address AND (
    d.name = 'engine_lifecycle_support' AND d.value IS NOT NULL AND d.value LIKE '%-disabled'
    OR d.name = 'upgrade_policy.0.support_type' AND d.value IS NOT NULL AND d.value = 'STANDARD')
  WHERE r.type IN ('aws_db_instance', 'aws_rds_cluster', 'aws_eks_cluster', 'aws_elasticache_cluster', 'aws_elasticache_replication_group')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND d.address IS NULL
    AND (v.value IS NOT NULL OR r.action = 'update')
),
judged AS (
  SELECT e.address, e.engine, e.version, MIN(TRY_CAST(p.value AS DATE)) AS begins
  FROM engines AS e LEFT JOIN p_versions AS p
    ON e.engine IS NOT NULL AND e.version IS NOT NULL AND (e.engine || ' ' || e.version = p.key OR STARTS_WITH(e.engine || ' ' || e.version, p.key || '.'))
  GROUP BY e.address, e.engine, e.version
)
SELECT j.address,
  CASE WHEN j.version IS NULL THEN NULL WHEN j.begins IS NULL THEN FALSE ELSE DATE_DIFF('day', $today, j.begins) <= $ahead END AS violation,
  CASE
    WHEN j.version IS NULL THEN 'its version is known only after apply'
    ELSE 'is ' || j.engine || ' ' || j.version || ', whose extended support '
      || CASE WHEN j.begins <= $today THEN 'costs extra since ' ELSE 'will cost extra from ' END || CAST(j.begins AS VARCHAR) END
    AS message
FROM judged AS j

-- id = "spot-outside-production"
-- pack = "sizing"
-- title = "Workers outside production run on spare capacity"
-- why = "Spare capacity costs a third; what may be interrupted at any time needs no promise."
-- level = "advisory"
-- enabled = false
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_eks_node_group", "google_container_node_pool"]
-- attributes = ["capacity_type", "node_config.0.spot", "node_config.0.preemptible"]
-- mend = "set {wanted}"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments whose workers may be on demand"
WITH pools AS (
  SELECT r.address, r.type, o.environment
  FROM resource AS r
  JOIN owner AS o ON o.address = r.address
  LEFT JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
  WHERE r.type IN ('aws_eks_node_group', 'google_container_node_pool')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND o.environment IS NOT NULL AND p.value IS NULL
),
asked AS (
  SELECT p.address, p.type, p.environment,
    CASE WHEN a.address IS NULL THEN 'absent' WHEN a.value IS NULL THEN 'unknown' WHEN a.value IN ('SPOT', 'true') THEN 'spare'
      ELSE 'on demand' END AS state
  FROM pools AS p LEFT JOIN attribute AS a ON a.address = p.address
),
told AS (
  SELECT a.address, a.type, a.environment, COUNT(*) FILTER (WHERE a.state = 'unknown') AS unknowns,
    COUNT(*) FILTER (WHERE a.state = 'spare') AS spare
  FROM asked AS a
  GROUP BY a.address, a.type, a.environment
)
SELECT t.address, CASE WHEN t.spare > 0 THEN FALSE WHEN t.unknowns > 0 THEN NULL ELSE TRUE END AS violation,
  CASE WHEN t.unknowns > 0 THEN 'whether it runs on spare capacity is known only after apply'
    ELSE 'is ' || t.environment || ' and runs on demand' END AS message,
  CASE t.type WHEN 'aws_eks_node_group' THEN 'capacity_type = "SPOT"' ELSE 'node_config.spot = true' END AS wanted
FROM told AS t

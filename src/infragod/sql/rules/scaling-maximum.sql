-- id = "scaling-maximum"
-- pack = "quota"
-- title = "A group that scales has a sober maximum"
-- why = "The maximum is the only brake when a loop in the load asks for ever more."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_autoscaling_group", "aws_eks_node_group", "aws_appautoscaling_target", "google_container_node_pool", "google_compute_autoscaler", "google_compute_region_autoscaler"]
-- attributes = ["max_size", "scaling_config.0.max_size", "max_capacity", "autoscaling.0.max_node_count", "autoscaling.0.total_max_node_count", "autoscaling_policy.0.max_replicas"]
-- needs = ["attribute"]
-- mend = "set the maximum to what the load needs on its worst day"
-- [parameters.most]
-- type = "limits"
-- default = {"*" = 100, aws_appautoscaling_target = 1000}
-- tighter = "less"
-- help = "highest maximum by type; * and ? stand for anything, and the lowest that fits counts unless the type itself is named"
WITH asked AS (
  SELECT r.address, r.type, a.value, TRY_CAST(a.value AS DECIMAL(38,12)) AS most
  FROM resource AS r JOIN attribute AS a ON a.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND r.type IN ('aws_autoscaling_group', 'aws_eks_node_group', 'aws_appautoscaling_target', 'google_container_node_pool',
      'google_compute_autoscaler', 'google_compute_region_autoscaler')
),
limited AS (
  SELECT a.address, a.value, a.most, MIN(l.value) AS pattern_limit, MIN(CASE WHEN l.key = a.type THEN l.value ELSE NULL END) AS own_limit,
    COUNT(*) AS limits
  FROM asked AS a JOIN p_most AS l ON a.type LIKE l.pattern ESCAPE '!'
  GROUP BY a.address, a.value, a.most
)
SELECT l.address, l.most > COALESCE(l.own_limit, l.pattern_limit) AS violation,
  CASE WHEN l.value IS NULL THEN 'its maximum is known only after apply'
    ELSE 'may grow to ' || count_text(l.most) || ', more than ' || count_text(COALESCE(l.own_limit, l.pattern_limit)) END AS message
FROM limited AS l

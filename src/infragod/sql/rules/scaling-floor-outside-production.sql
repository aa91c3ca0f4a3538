-- id = "scaling-floor-outside-production"
-- pack = "sizing"
-- title = "What is not production shrinks to little when nobody works"
-- why = "The floor of a group is what runs at night and on Sundays, when nobody tests anything."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_autoscaling_group", "aws_eks_node_group", "aws_appautoscaling_target", "google_container_node_pool"]
-- attributes = ["min_size", "scaling_config.0.min_size", "min_capacity", "autoscaling.0.min_node_count"]
-- needs = ["attribute"]
-- mend = "set the floor to {most} or less"
-- [parameters.most]
-- type = "integer"
-- default = 2
-- tighter = "less"
-- help = "floor that a group outside production may have"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments whose groups may have any floor"
SELECT r.address, CASE WHEN a.value IS NULL THEN NULL ELSE TRY_CAST(a.value AS BIGINT) > $most END AS violation,
  CASE WHEN a.value IS NULL THEN 'is ' || o.environment || '; its floor is known only after apply'
    ELSE 'is ' || o.environment || ' and never shrinks below ' || a.value END AS message,
  $most AS most
FROM resource AS r
JOIN attribute AS a ON a.address = r.address
JOIN owner AS o ON o.address = r.address
LEFT JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
WHERE r.type IN ('aws_autoscaling_group', 'aws_eks_node_group', 'aws_appautoscaling_target', 'google_container_node_pool')
  AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND o.environment IS NOT NULL AND p.value IS NULL

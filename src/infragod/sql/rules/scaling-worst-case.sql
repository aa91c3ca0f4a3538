-- id = "scaling-worst-case"
-- pack = "cost"
-- title = "A group that scales costs no more than a limit when it is full"
-- why = "The plan shows what the group costs today; a loop in the load costs what its maximum allows."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_autoscaling_group", "aws_eks_node_group", "google_container_node_pool"]
-- attributes = ["max_size", "scaling_config.0.max_size", "autoscaling.0.max_node_count", "autoscaling.0.total_max_node_count"]
-- needs = ["attribute"]
-- mend = "lower the maximum, or tell the owner of the budget what it may come to"
-- [parameters.limit]
-- type = "decimal"
-- default = 10000
-- tighter = "less"
-- help = "what the machines of one group may cost a month at its maximum, in the currency of the prices"
--
-- # The dearest hour of its machines, times 730 hours, times the maximum; disks and traffic come on top. A group whose
-- # price or maximum is not known is named only if it may hold twenty machines or more.
WITH groups AS (
  SELECT r.address, MAX(TRY_CAST(a.value AS DECIMAL(38,12))) AS most, COUNT(a.value) AS told
  FROM resource AS r JOIN attribute AS a ON a.address = r.address
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND r.type IN ('aws_autoscaling_group', 'aws_eks_node_group', 'google_container_node_pool')
  GROUP BY r.address
),
machines AS (
  SELECT c.address, MAX(c.unit_price) AS hour, COUNT(*) FILTER (WHERE c.unit_price IS NULL) AS unpriced
  FROM component AS c WHERE c.unit = 'hours' GROUP BY c.address
),
judged AS (
  SELECT g.address, g.most, m.hour, COALESCE(m.unpriced, 0) AS unpriced, g.most * m.hour * 730 AS full_cost
  FROM groups AS g LEFT JOIN machines AS m ON m.address = g.address
)
SELECT j.address,
  CASE
    WHEN j.most IS NULL THEN NULL
    WHEN j.full_cost IS NOT NULL AND j.full_cost > $limit THEN TRUE
    WHEN (j.hour IS NULL OR j.unpriced > 0) AND j.most >= 20 THEN NULL
    ELSE FALSE END AS violation,
  CASE
    WHEN j.most IS NULL THEN 'its maximum is known only after apply'
    WHEN j.full_cost IS NULL THEN 'may grow to ' || count_text(j.most) || ' machines, whose price is not known'
    ELSE 'may grow to ' || count_text(j.most) || ' machines: ' || money_text(j.full_cost, p.currency)
      || ' a month, more than ' || money_text($limit, p.currency) END AS message
FROM judged AS j CROSS JOIN plan AS p

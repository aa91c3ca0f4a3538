-- id = "creation-burst"
-- pack = "quota"
-- title = "One plan does not create a crowd"
-- why = "A slip in count or for_each creates a hundred thousand machines by one click."
-- level = "approval"
-- at = ["plan"]
-- unknown = "deny"
-- actions = ["create"]
-- mend = "check count and for_each of {block}, create fewer at once, or ask for an approval"
-- [parameters.in_all]
-- type = "integer"
-- default = 500
-- tighter = "less"
-- help = "resources that one plan may create"
-- [parameters.per_type]
-- type = "integer"
-- default = 250
-- tighter = "less"
-- help = "resources of one type that one plan may create"
-- [parameters.types]
-- type = "limits"
-- default = {aws_instance = 50, aws_spot_instance_request = 50, aws_db_instance = 20, aws_rds_cluster_instance = 20, aws_eks_cluster = 5, aws_eks_node_group = 20, aws_nat_gateway = 12, google_compute_instance = 50, google_sql_database_instance = 20, google_container_cluster = 5, google_container_node_pool = 20, "azurerm_*_virtual_machine" = 50}
-- tighter = "less"
-- help = "further limits by type; * and ? stand for anything"
--
-- # Only creations count: a replace leaves as many as there were.
WITH created AS (
  SELECT r.type, CASE WHEN r.module = '' OR r.module IS NULL THEN '' ELSE r.module || '.' END || r.type || '.' || r.name AS block
  FROM resource AS r
  WHERE r.action = 'create' AND NOT r.deposed
),
blocks AS (
  SELECT c.type, c.block, COUNT(*) AS resources FROM created AS c GROUP BY c.type, c.block
),
ranked AS (
  SELECT b.type, b.block, b.resources,
    ROW_NUMBER() OVER (PARTITION BY b.type ORDER BY b.resources DESC, b.block) AS rank,
    ROW_NUMBER() OVER (ORDER BY b.resources DESC, b.block) AS rank_in_all
  FROM blocks AS b
),
counted AS (
  SELECT b.type, SUM(b.resources) AS resources FROM blocks AS b GROUP BY b.type
),
limited AS (
  SELECT c.type, c.resources, LEAST(COALESCE(MIN(l.value), $per_type), $per_type) AS most
  FROM counted AS c LEFT JOIN p_types AS l ON c.type LIKE l.pattern ESCAPE '!'
  GROUP BY c.type, c.resources
)
SELECT 'type.' || l.type AS address, l.resources > l.most AS violation,
  'creates ' || count_text(l.resources) || ' ' || l.type || ' at once, more than ' || count_text(l.most) || '; '
    || count_text(r.resources) || ' of them by ' || r.block AS message,
  r.block
FROM limited AS l JOIN ranked AS r ON r.type = l.type AND r.rank = 1
UNION ALL
SELECT 'plan' AS address, t.resources > $in_all AS violation,
  'creates ' || count_text(t.resources) || ' resources at once, more than ' || count_text($in_all) || '; '
    || count_text(r.resources) || ' of them by ' || r.block AS message,
  r.block
FROM (SELECT COUNT(*) AS resources FROM created AS c) AS t JOIN ranked AS r ON r.rank_in_all = 1

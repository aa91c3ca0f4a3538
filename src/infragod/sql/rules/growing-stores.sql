-- id = "growing-stores"
-- pack = "lifecycle"
-- title = "A store that only grows says what it deletes"
-- why = "Old versions, broken uploads and images of every build are billed for as long as nobody deletes them."
-- level = "advisory"
-- enabled = false
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_s3_bucket", "aws_ecr_repository", "google_storage_bucket"]
-- attributes = ["lifecycle_rule.0", "bucket", "name", "repository"]
-- actions = ["create"]
-- mend = "add {wanted} that names it"
-- [parameters.companions]
-- type = "table"
-- default = {aws_s3_bucket = ["aws_s3_bucket_lifecycle_configuration"], aws_ecr_repository = ["aws_ecr_lifecycle_policy"], google_storage_bucket = ["lifecycle_rule"]}
-- help = "types of stores, and the resource or the block that must say what is deleted"
--
-- # A companion counts if it refers to the store, or carries its name. A store whose name is known only after the apply
-- # can't be told from one whose companion names it by text.
WITH stores AS (
  SELECT r.address, r.type, n.value AS name, n.address IS NOT NULL AND n.value IS NULL AS hidden,
    i.address IS NOT NULL AS inside
  FROM resource AS r
  LEFT JOIN attribute AS n ON n.address = r.address AND n.name = CASE r.type WHEN 'aws_s3_bucket' THEN 'bucket' ELSE 'name' END
  LEFT JOIN attribute AS i ON i.address = r.address AND i.name = 'lifecycle_rule.0'
  WHERE r.action = 'create' AND NOT r.deposed AND EXISTS (SELECT 1 AS one FROM p_companions AS p WHERE p.key = r.type)
),
companions AS (
  SELECT r.address, p.key AS type, n.value AS name, f.target, n.address IS NOT NULL AND n.value IS NULL AND f.target IS NULL AS hidden
  FROM resource AS r
  JOIN p_companions AS p ON p.value = r.type
  LEFT JOIN attribute AS n ON n.address = r.address AND n.name IN ('bucket', 'repository')
  LEFT JOIN reference AS f ON f.address = r.address
  WHERE r.action NOT IN ('delete', 'forget') AND NOT r.deposed
),
met AS (
  SELECT DISTINCT s.address
  FROM stores AS s JOIN companions AS c
    ON c.type = s.type AND (c.target = s.address OR c.name IS NOT NULL AND s.name IS NOT NULL AND c.name = s.name)
),
open_ones AS (
  SELECT c.type, COUNT(*) AS companions FROM companions AS c WHERE c.hidden GROUP BY c.type
)
SELECT s.address,
  CASE
    WHEN s.inside OR m.address IS NOT NULL THEN FALSE
    WHEN COALESCE(o.companions, 0) > 0 THEN NULL
    ELSE TRUE END AS violation,
  CASE WHEN COALESCE(o.companions, 0) > 0 THEN 'which store a lifecycle of this plan is for is known only after apply'
    ELSE 'says of nothing in it when it is deleted' END AS message,
  (SELECT MIN(p.value) FROM p_companions AS p WHERE p.key = s.type) AS wanted
FROM stores AS s LEFT JOIN met AS m ON m.address = s.address LEFT JOIN open_ones AS o ON o.type = s.type

-- id = "dynamodb-capacity"
-- pack = "sizing"
-- title = "Tables have little capacity by the hour"
-- why = "Capacity by the hour is paid at night too; below a steady load, on demand is cheaper and never throttles."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_dynamodb_table"]
-- attributes = ["billing_mode", "read_capacity", "write_capacity"]
-- needs = ["attribute"]
-- mend = 'set billing_mode = "PAY_PER_REQUEST", or bring the capacity down and let it scale'
-- [parameters.most]
-- type = "integer"
-- default = 100
-- tighter = "less"
-- help = "units of capacity, for reading or for writing, that a table may have by the hour"
WITH capacities AS (
  SELECT r.address, a.name, a.value
  FROM resource AS r
  JOIN attribute AS a ON a.address = r.address AND a.name IN ('read_capacity', 'write_capacity')
  LEFT JOIN attribute AS m ON m.address = r.address AND m.name = 'billing_mode'
  WHERE r.type = 'aws_dynamodb_table' AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND (m.address IS NULL OR m.value IS NULL OR m.value = 'PROVISIONED')
)
SELECT c.address, CASE WHEN c.value IS NULL THEN NULL ELSE TRY_CAST(c.value AS BIGINT) > $most END AS violation,
  CASE WHEN c.value IS NULL THEN c.name || ' is known only after apply'
    ELSE 'has ' || c.name || ' = ' || c.value || ', more than ' || CAST($most AS VARCHAR) END AS message
FROM capacities AS c

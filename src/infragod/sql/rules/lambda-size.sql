-- id = "lambda-size"
-- pack = "sizing"
-- title = "Functions have the memory that they need, and few stand by"
-- why = "A function is billed for the memory it was given, and one that stands by is billed like a machine."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_lambda_function", "aws_lambda_provisioned_concurrency_config"]
-- attributes = ["memory_size", "provisioned_concurrent_executions"]
-- needs = ["attribute"]
-- mend = "measure what it uses, and set {attribute} to that"
-- [parameters.memory]
-- type = "integer"
-- default = 3008
-- tighter = "less"
-- help = "MB of memory of one function"
-- [parameters.standing_by]
-- type = "integer"
-- default = 10
-- tighter = "less"
-- help = "instances of one function that are kept ready"
SELECT r.address,
  CASE WHEN a.value IS NULL THEN NULL
    WHEN a.name = 'memory_size' THEN TRY_CAST(a.value AS BIGINT) > $memory
    ELSE TRY_CAST(a.value AS BIGINT) > $standing_by END AS violation,
  CASE WHEN a.value IS NULL THEN a.name || ' is known only after apply'
    WHEN a.name = 'memory_size' THEN 'takes ' || a.value || ' MB of memory, more than ' || CAST($memory AS VARCHAR)
    ELSE 'keeps ' || a.value || ' instances ready, more than ' || CAST($standing_by AS VARCHAR) END AS message,
  a.name AS attribute
FROM resource AS r JOIN attribute AS a ON a.address = r.address
WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
  AND r.type IN ('aws_lambda_function', 'aws_lambda_provisioned_concurrency_config')

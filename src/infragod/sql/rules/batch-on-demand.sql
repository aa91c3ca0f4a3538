-- id = "batch-on-demand"
-- pack = "sizing"
-- title = "Batch work runs on spare capacity"
-- why = "Work that is queued may wait and may be begun again; spare capacity does it for a third of the price."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_batch_compute_environment"]
-- attributes = ["compute_resources.0.type"]
-- needs = ["attribute"]
-- mend = 'set compute_resources.type = "{spare}", in a queue that falls back to this one'
SELECT r.address, CASE WHEN a.value IS NULL THEN NULL ELSE a.value IN ('EC2', 'FARGATE') END AS violation,
  CASE WHEN a.value IS NULL THEN 'whether it runs on spare capacity is known only after apply'
    ELSE 'runs batch work on demand' END AS message,
  CASE WHEN a.value IS NOT NULL AND a.value = 'FARGATE' THEN 'FARGATE_SPOT' ELSE 'SPOT' END AS spare
FROM resource AS r JOIN attribute AS a ON a.address = r.address AND a.name = 'compute_resources.0.type'
WHERE r.type = 'aws_batch_compute_environment' AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed

-- id = "commitment-term"
-- pack = "commitments"
-- title = "Commitments are short, and paid as they run"
-- why = "Three years outlive most architectures, and what is paid upfront can't be taken back by anybody."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_savingsplans_plan", "aws_rds_reserved_instance", "aws_elasticache_reserved_cache_node", "google_compute_commitment"]
-- actions = ["create"]
-- attributes = ["plan", "payment_option", "offering_type", "duration"]
-- needs = ["attribute"]
-- mend = "commit for a year without upfront payment first, and lengthen what proved to be used"
--
-- # A year has 31,536,000 seconds.
SELECT r.address,
  CASE WHEN a.value IS NULL THEN NULL
    WHEN a.name = 'duration' THEN TRY_CAST(a.value AS BIGINT) > 31536000
    ELSE a.value IN ('THIRTY_SIX_MONTH', 'All Upfront') END AS violation,
  CASE WHEN a.value IS NULL THEN a.name || ' is known only after apply'
    WHEN a.value = 'All Upfront' THEN 'is paid upfront'
    ELSE 'binds for three years' END AS message
FROM resource AS r JOIN attribute AS a ON a.address = r.address
WHERE r.action = 'create' AND NOT r.deposed
  AND (a.name IN ('payment_option', 'offering_type', 'duration')
      AND r.type IN ('aws_savingsplans_plan', 'aws_rds_reserved_instance', 'aws_elasticache_reserved_cache_node')
    OR a.name = 'plan' AND r.type = 'google_compute_commitment')

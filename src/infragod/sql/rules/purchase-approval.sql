-- id = "purchase-approval"
-- pack = "commitments"
-- title = "Whoever commits the company's money asks first"
-- why = "A reservation or a savings plan binds for one or three years, and an apply can't be taken back."
-- level = "approval"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["$types"]
-- actions = ["create", "replace"]
-- mend = "ask whoever buys commitments; they see what is committed already"
-- [parameters.types]
-- type = "patterns"
-- default = ["aws_ec2_capacity_reservation", "aws_ec2_capacity_block_reservation", "aws_rds_reserved_instance", "aws_*_reserved_*", "aws_savingsplans_*", "aws_dedicatedhost", "aws_ec2_host", "aws_route53domains_*domain", "aws_dx_connection", "aws_shield_subscription", "aws_marketplace_*", "google_compute_region_commitment", "google_compute_reservation", "google_bigquery_capacity_commitment", "google_bigquery_reservation", "azurerm_reservation*", "azurerm_marketplace_agreement", "azurerm_dedicated_host"]
-- tighter = "superset"
-- help = "types of resources that bind money for long; * and ? stand for anything"
--
-- # What a plan creates is known before the apply, so nothing here can be unknown.
SELECT r.address, r.action IN ('create', 'replace') AS violation,
  r.type || ' binds money beyond this change' AS message
FROM resource AS r
WHERE NOT r.deposed AND r.action IN ('create', 'replace')
  AND EXISTS (SELECT 1 AS one FROM p_types AS p WHERE r.type LIKE p.pattern ESCAPE '!')

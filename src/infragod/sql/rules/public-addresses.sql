-- id = "public-addresses"
-- pack = "cost"
-- title = "One plan takes few public addresses"
-- why = "Every public IPv4 address is billed by the hour, used or not, and each is a door."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_eip", "aws_instance", "google_compute_address", "google_compute_instance"]
-- attributes = ["associate_public_ip_address", "address_type", "network_interface.0.access_config.0.network_tier"]
-- actions = ["create"]
-- mend = "put the machines behind a load balancer or a private endpoint"
-- [parameters.most]
-- type = "integer"
-- default = 10
-- tighter = "less"
-- help = "public addresses that one plan may create"
WITH asked AS (
  SELECT r.type,
    CASE
      WHEN r.type = 'aws_eip' THEN 'public'
      WHEN r.type = 'google_compute_address'
        THEN CASE WHEN a.address IS NULL THEN 'public' WHEN a.value IS NULL THEN 'unknown'
          WHEN a.value = 'EXTERNAL' THEN 'public' ELSE 'private' END
      WHEN a.address IS NULL THEN 'private'
      WHEN a.value IS NULL THEN 'unknown'
      WHEN a.value = 'false' THEN 'private'
      ELSE 'public' END AS state
  FROM resource AS r
  LEFT JOIN attribute AS a ON a.address = r.address
  WHERE r.action = 'create' AND NOT r.deposed
    AND r.type IN ('aws_eip', 'aws_instance', 'google_compute_address', 'google_compute_instance')
),
counted AS (
  SELECT COUNT(*) FILTER (WHERE a.state = 'public') AS public_ones, COUNT(*) FILTER (WHERE a.state = 'unknown') AS unknowns
  FROM asked AS a
)
SELECT 'plan' AS address,
  CASE
    WHEN c.public_ones > $most THEN TRUE
    WHEN c.public_ones > 0 AND c.public_ones + c.unknowns > $most THEN NULL
    ELSE FALSE END AS violation,
  CASE
    WHEN c.public_ones > $most
      THEN 'takes ' || count_text(c.public_ones) || ' public addresses, more than ' || count_text($most)
    ELSE 'takes ' || count_text(c.public_ones) || ' public addresses, and ' || count_text(c.unknowns)
      || ' more machines may get one; more than ' || count_text($most) || ' are too many' END AS message
FROM counted AS c

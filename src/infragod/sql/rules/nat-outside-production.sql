-- id = "nat-outside-production"
-- pack = "cost"
-- title = "What is not production shares one NAT gateway"
-- why = "A gateway in each zone is for availability; in a test environment it is two thirds of the network's bill."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_nat_gateway", "google_compute_router_nat"]
-- actions = ["create"]
-- mend = "keep one NAT gateway in {environment}, or use endpoints for the services that take the traffic"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments that may have more"
-- [parameters.most]
-- type = "integer"
-- default = 1
-- tighter = "less"
-- help = "NAT gateways that one plan may create in each other environment"
WITH gateways AS (
  SELECT r.type, COALESCE(o.environment, '') AS environment, r.tags_known AS complete
  FROM resource AS r LEFT JOIN owner AS o ON o.address = r.address
  WHERE r.action = 'create' AND NOT r.deposed AND r.type IN ('aws_nat_gateway', 'google_compute_router_nat')
),
counted AS (
  SELECT g.type, g.environment, COUNT(*) AS gateways, COUNT(*) FILTER (WHERE NOT g.complete) AS open_ones
  FROM gateways AS g LEFT JOIN p_production AS p ON p.value = g.environment
  WHERE p.value IS NULL GROUP BY g.type, g.environment
)
SELECT 'type.' || c.type AS address,
  CASE
    WHEN c.gateways <= $most THEN FALSE
    WHEN c.environment <> '' THEN TRUE
    WHEN c.open_ones > 0 THEN NULL
    ELSE FALSE END AS violation,
  CASE WHEN c.environment = '' THEN 'creates ' || count_text(c.gateways) || ' at once; their environment is known only after apply'
    ELSE 'creates ' || count_text(c.gateways) || ' at once in ' || c.environment END AS message,
  CASE WHEN c.environment = '' THEN 'what is not production' ELSE c.environment END AS environment
FROM counted AS c

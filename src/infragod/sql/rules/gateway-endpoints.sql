-- id = "gateway-endpoints"
-- pack = "cost"
-- title = "Traffic to S3 and DynamoDB does not pay for a NAT gateway"
-- why = "An endpoint of type Gateway is free; without it every gigabyte of a backup pays the NAT gateway's fee."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_nat_gateway"]
-- actions = ["create"]
-- attributes = ["service_name", "vpc_endpoint_type"]
-- mend = "add an aws_vpc_endpoint for S3 (and DynamoDB) to the route tables of the private subnets"
--
-- # Judged where the network itself is made by the same plan: elsewhere the endpoint may stand already.
WITH networks AS (
  SELECT COUNT(*) FILTER (WHERE r.type = 'aws_vpc' AND r.action = 'create') AS vpcs,
    COUNT(*) FILTER (WHERE r.type = 'aws_nat_gateway' AND r.action = 'create') AS gateways
  FROM resource AS r WHERE NOT r.deposed
),
endpoints AS (
  SELECT CASE WHEN s.value IS NULL THEN 'unknown' WHEN s.value LIKE '%.s3' THEN 's3' ELSE 'other' END AS state
  FROM resource AS r
  LEFT JOIN attribute AS s ON s.address = r.address AND s.name = 'service_name'
  LEFT JOIN attribute AS k ON k.address = r.address AND k.name = 'vpc_endpoint_type'
  WHERE r.type = 'aws_vpc_endpoint' AND r.action NOT IN ('delete', 'forget') AND NOT r.deposed
    AND (k.address IS NULL OR k.value IS NULL OR k.value = 'Gateway')
),
counted AS (
  SELECT COUNT(*) FILTER (WHERE e.state = 's3') AS of_s3, COUNT(*) FILTER (WHERE e.state = 'unknown') AS open_ones
  FROM endpoints AS e
)
SELECT 'type.aws_nat_gateway' AS address,
  CASE WHEN e.of_s3 > 0 THEN FALSE WHEN e.open_ones > 0 THEN NULL ELSE TRUE END AS violation,
  CASE WHEN e.open_ones > 0 THEN 'which service an endpoint of this plan is for is known only after apply'
    ELSE 'a new network with ' || count_text(n.gateways) || ' of them has no endpoint for S3' END AS message
FROM networks AS n CROSS JOIN counted AS e
WHERE n.vpcs > 0 AND n.gateways > 0

-- id = "cross-region-data"
-- pack = "location"
-- title = "Data stays in one region unless somebody meant it"
-- why = "Every gigabyte between regions is billed, every copy a second time, and some may not leave their country."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_db_instance", "aws_dynamodb_table", "aws_vpc_peering_connection", "aws_ec2_transit_gateway_peering_attachment", "aws_ami_copy", "aws_ebs_snapshot_copy"]
-- attributes = ["replicate_source_db", "replica.0.region_name", "peer_region", "source_ami_region", "source_region"]
-- needs = ["attribute"]
-- mend = "keep it in {region}, or have the copy approved by whoever pays for the traffic"
-- [parameters.allowed]
-- type = "patterns"
-- tighter = "fewer"
-- help = "regions that data may go to or come from"
--
-- # A source that is named without its region, and a peer without one, are in the same region.
-- # A source whose ARN only the apply tells is a database of this plan, in one region with its replica or not: the plan of
-- # the replica's provider shows that, not this attribute.
WITH told AS (
  SELECT r.address, r.region, a.name, a.value,
    CASE WHEN a.value IS NULL THEN NULL WHEN a.value LIKE 'arn:%' THEN SPLIT_PART(a.value, ':', 4) ELSE a.value END AS other
  FROM resource AS r JOIN attribute AS a ON a.address = r.address
  WHERE r.type IN ('aws_db_instance', 'aws_dynamodb_table', 'aws_vpc_peering_connection',
      'aws_ec2_transit_gateway_peering_attachment', 'aws_ami_copy', 'aws_ebs_snapshot_copy')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed
    AND (a.name NOT IN ('replicate_source_db', 'peer_region') OR a.value IS NOT NULL)
    AND (a.name <> 'replicate_source_db' OR a.value IS NOT NULL AND a.value LIKE 'arn:%')
    AND (r.region IS NOT NULL OR r.region_state = 'unknown')
)
SELECT t.address,
  CASE WHEN t.other IS NULL OR t.region IS NULL THEN NULL ELSE t.other <> t.region END AS violation,
  CASE WHEN t.other IS NULL THEN 'the other region is known only after apply'
    WHEN t.region IS NULL THEN 'its region is known only after apply; the other one is ' || t.other
    ELSE 'moves data between ' || t.region || ' and ' || t.other END AS message,
  COALESCE(t.region, 'one region') AS region
FROM told AS t
WHERE t.other IS NULL OR NOT EXISTS (SELECT 1 AS one FROM p_allowed AS p WHERE t.other IS NOT NULL AND t.other LIKE p.pattern ESCAPE '!')

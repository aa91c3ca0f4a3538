-- id = "dedicated-tenancy"
-- pack = "cost"
-- title = "Machines share their hosts with others"
-- why = "Dedicated machines cost more each, and the first of them in a region two dollars an hour on top."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_instance", "aws_launch_template", "aws_vpc", "aws_ec2_host"]
-- attributes = ["tenancy", "placement.0.tenancy", "instance_tenancy"]
-- mend = "leave the tenancy at default, unless a licence or an auditor asks for it"
--
-- # A tenancy that only the apply tells is the one that nobody wrote down: the default.
WITH asked AS (
  SELECT r.address, r.type, MAX(CASE WHEN a.value IS NOT NULL AND a.value IN ('dedicated', 'host') THEN a.value ELSE '' END) AS tenancy
  FROM resource AS r LEFT JOIN attribute AS a ON a.address = r.address
  WHERE r.type IN ('aws_instance', 'aws_launch_template', 'aws_vpc', 'aws_ec2_host')
    AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed
  GROUP BY r.address, r.type
)
SELECT a.address, a.type = 'aws_ec2_host' OR a.tenancy <> '' AS violation,
  CASE WHEN a.type = 'aws_ec2_host' THEN 'is a host for this account alone'
    WHEN a.type = 'aws_vpc' THEN 'makes every machine in it dedicated'
    ELSE 'has the tenancy ' || a.tenancy END AS message
FROM asked AS a

-- id = "public-database"
-- pack = "security"
-- title = "Databases have no public address"
-- why = "The address is billed by the hour, what leaves through it by the gigabyte, and it is a door."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["aws_db_instance", "aws_rds_cluster_instance", "aws_redshift_cluster", "aws_dms_replication_instance", "google_sql_database_instance"]
-- attributes = ["publicly_accessible", "settings.0.ip_configuration.0.ipv4_enabled"]
-- needs = ["attribute"]
-- mend = "set {attribute} = false, and reach it through the private network"
SELECT r.address, CASE WHEN a.value IS NULL THEN NULL ELSE a.value = 'true' END AS violation,
  CASE WHEN a.value IS NULL THEN 'whether it has a public address is known only after apply'
    ELSE 'has a public address' END AS message,
  CASE a.name WHEN 'publicly_accessible' THEN a.name ELSE 'ipv4_enabled' END AS attribute
FROM resource AS r JOIN attribute AS a ON a.address = r.address
WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed
  AND r.type IN ('aws_db_instance', 'aws_rds_cluster_instance', 'aws_redshift_cluster', 'aws_dms_replication_instance',
    'google_sql_database_instance')

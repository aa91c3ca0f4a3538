-- id = "stateful-delete"
-- pack = "quota"
-- title = "What holds data is deleted only after somebody agreed"
-- why = "A replaced database is an empty database; Terraform says so in one line of many."
-- level = "approval"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["$types"]
-- actions = ["delete", "replace"]
-- mend = "keep it by lifecycle.prevent_destroy or a moved block, or take a backup and ask for an approval"
-- [parameters.types]
-- type = "patterns"
-- default = ["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster", "aws_dynamodb_table", "aws_s3_bucket", "aws_ebs_volume", "aws_efs_file_system", "aws_fsx_*_file_system", "aws_redshift_cluster", "aws_elasticsearch_domain", "aws_opensearch_domain", "aws_msk_cluster", "aws_kinesis_stream", "aws_backup_vault", "google_sql_database_instance", "google_sql_database", "google_storage_bucket", "google_compute_disk", "google_bigquery_dataset", "google_bigquery_table", "google_bigtable_instance", "google_spanner_*", "google_firestore_database", "google_filestore_instance", "azurerm_storage_account", "azurerm_managed_disk", "azurerm_*sql_*server", "azurerm_*sql_*database", "azurerm_cosmosdb_account"]
-- tighter = "superset"
-- help = "types of resources that hold data; * and ? stand for anything"
--
-- # Terraform decides before the apply what it deletes, so nothing here can be unknown.
SELECT r.address, r.action IN ('delete', 'replace') AS violation,
  CASE r.action WHEN 'replace' THEN 'is replaced: what it holds is lost' ELSE 'is deleted, with what it holds' END
    || CASE r.action_reason
      WHEN 'replace_because_tainted' THEN ' (it is tainted)'
      WHEN 'delete_because_no_resource_config' THEN ' (its configuration is gone)'
      WHEN 'delete_because_no_module' THEN ' (its module is gone)'
      ELSE '' END AS message
FROM resource AS r
WHERE NOT r.deposed AND r.action IN ('delete', 'replace')
  AND EXISTS (SELECT 1 AS one FROM p_types AS p WHERE r.type LIKE p.pattern ESCAPE '!')

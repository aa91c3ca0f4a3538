"""Each recipe's text, as the user sees it, for a small plan of the type and its edge cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.cli.estimate import lines
from infragod.resource import Estimate

PLANS = sorted(path.stem for path in (Path(__file__).parent / "plans").glob("*.json"))
USAGE = """
[aws_nat_gateway]
monthly_data_processed_gb = 500
[aws_lb]
processed_bytes_gb = 1000
new_connections = 10
[aws_lambda_function]
monthly_requests = 20_000_000
request_duration_ms = 350
[aws_s3_bucket]
standard_storage_gb = 1000
glacier_deep_archive_storage_gb = 5000
intelligent_tiering_monitored_objects = 10_000
[aws_instance]
monthly_cpu_credit_hrs = 100
[aws_eks_node_group]
monthly_cpu_credit_hrs = 10
[aws_db_instance]
monthly_cpu_credit_hrs = 10
[aws_vpc_endpoint]
monthly_data_processed_gb = 6_000_000
[aws_redshift_cluster]
managed_storage_gb = 5000
concurrency_scaling_seconds = 3600
spectrum_data_scanned_tb = 2
backup_storage_gb = 60_000
[aws_docdb_cluster_instance]
monthly_cpu_credit_hrs = 20
[aws_rds_cluster_instance]
monthly_acu_hours = 1460
[aws_rds_cluster]
storage_gb = 100
monthly_io_requests = 5_000_000
backup_storage_gb = 50
monthly_backtrack_change_records = 10_000_000
[aws_efs_file_system]
storage_gb = 400
[aws_acmpca_certificate_authority]
monthly_certificates = 12_000
[aws_dynamodb_table]
storage_gb = 100
monthly_write_request_units = 3_000_000
monthly_read_request_units = 8_000_000
[aws_fsx_openzfs_file_system]
backup_storage_gb = 1000
[aws_mq_broker]
storage_size_gb = 50
[aws_neptune_cluster_instance]
monthly_cpu_credit_hrs = 10
monthly_ncu_hours = 100
[aws_eks_fargate_profile]
monthly_vcpu_hours = 2920
monthly_gb_hours = 5840
[aws_ec2_client_vpn_endpoint]
monthly_connection_hours = 3000
[aws_redshiftserverless_workgroup]
monthly_active_hours = 50
[aws_route53_health_check]
endpoint_type = "non_aws"
[aws_route53_record]
monthly_standard_queries = 1_100_000_000
monthly_geo_queries = 1_000_000
[aws_directory_service_directory]
additional_domain_controllers = 2
shared_accounts = 8
[aws_lambda_provisioned_concurrency_config]
provisioned_concurrency_hours = 100
monthly_requests = 1_000_000
request_duration_ms = 350
[aws_api_gateway_rest_api]
monthly_requests = 400_000_000
[aws_apigatewayv2_api]
monthly_requests = 400_000_000
monthly_messages = 1_500_000_000
monthly_connection_mins = 1_000_000
[aws_cloudfront_distribution]
monthly_data_transfer_to_internet_gb_us = 11_000
monthly_http_requests_us = 80_000
monthly_data_transfer_to_internet_gb_europe = 200
monthly_invalidation_requests = 1200
monthly_shield_requests = 1_000_000
custom_ssl_certificates = 2
[aws_config_config_rule]
monthly_rule_evaluations = 1_000_000
[aws_codebuild_project]
monthly_build_mins = 100
[aws_glue_job]
monthly_hours = 5
[aws_glue_catalog_database]
monthly_objects = 1_500_000
monthly_requests = 900_000
[aws_kinesis_firehose_delivery_stream]
monthly_data_ingested_gb = 1000
[aws_sfn_state_machine]
monthly_transitions = 10_000
monthly_requests = 100_000_000
memory_mb = 128
workflow_duration_ms = 2000
[aws_sns_topic]
monthly_requests = 2_000_000
email_notifications = 101_000
monthly_publish_payload_gb = 10
[aws_ebs_snapshot]
storage_gb = 30
fast_snapshot_restore_hours = 10
[aws_kinesis_stream]
monthly_put_payload_units = 500_000_000
monthly_extended_retention_gb = 100
monthly_consumer_shard_hours = 730
[google_cloud_run_v2_service]
monthly_vcpu_seconds = 2_000_000
monthly_gib_seconds = 1_000_000
monthly_requests = 30_000_000
[google_cloudfunctions_function]
monthly_function_invocations = 10_000_000
request_duration_ms = 350
[google_compute_router_nat]
monthly_assigned_vm_hours = 40_000
[google_compute_external_vpn_gateway]
monthly_egress_worldwide_gb = 12_000
monthly_egress_china_gb = 100
[google_compute_ha_vpn_gateway]
monthly_egress_europe_gb = 100
[google_compute_target_https_proxy]
monthly_proxy_instance_hours = 1460
[google_bigquery_table]
monthly_active_storage_gb = 1000
monthly_storage_read_api_tb = 2
[google_bigquery_reservation]
monthly_autoscaled_slot_hours = 5000
[google_pubsub_subscription]
monthly_message_data_tb = 3
snapshot_storage_gb = 50
[google_monitoring_metric_descriptor]
monthly_monitoring_data_mb = 300_000
[google_kms_crypto_key]
key_versions = 3000
monthly_key_operations = 1_000_000
[google_secret_manager_secret]
active_secret_versions = 3
monthly_access_operations = 25_000
[google_compute_image]
storage_gb = 12
[google_storage_bucket]
storage_gb = 1000
monthly_class_a_operations = 40_000
[google_composer_environment]
monthly_dcu_hours = 4000
"""
WITH_USAGE = (
    "aws_brokers_and_graphs",
    "aws_compute_of_services",
    "aws_databases",
    "aws_db_instance",
    "aws_dynamodb_table",
    "aws_eks_node_group",
    "aws_file_systems",
    "aws_instance",
    "aws_lb",
    "aws_nat_gateway",
    "aws_network_fees",
    "aws_networks",
    "aws_platforms",
    "aws_rds_cluster_instance",
    "aws_small_services",
    "aws_usage_types",
    "aws_used_only",
    "google_data_platforms",
    "google_networks",
    "google_serverless",
    "google_usage_types",
)


@pytest.mark.parametrize("name", PLANS)
def test_text_of_a_type(name: str, priced: Callable[..., Estimate], golden: Callable[[str, str], None]) -> None:
    text = "\n".join(lines(priced(name), f"{name}.json")) + "\n"
    assert max(map(len, text.splitlines())) <= 100
    golden(f"{name}.txt", text)


@pytest.mark.parametrize("name", WITH_USAGE)
def test_text_with_usage(name: str, priced: Callable[..., Estimate], golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.usage.txt", "\n".join(lines(priced(name, USAGE), f"{name}.json")) + "\n")

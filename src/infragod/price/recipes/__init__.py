"""The recipes: which function prices which resource type, imported when the first such resource comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

Recipe = Callable[[Item], Iterable[Component]]

RECIPES: Final[Mapping[str, str]] = {
    "aws_acm_certificate": "infragod.price.recipes.aws.aws_acm_certificate:price",
    "aws_acmpca_certificate_authority": "infragod.price.recipes.aws.aws_acmpca_certificate_authority:price",
    "aws_alb": "infragod.price.recipes.aws.aws_lb:price",
    "aws_api_gateway_rest_api": "infragod.price.recipes.aws.aws_api_gateway_rest_api:price",
    "aws_api_gateway_stage": "infragod.price.recipes.aws.aws_api_gateway_stage:price",
    "aws_apigatewayv2_api": "infragod.price.recipes.aws.aws_apigatewayv2_api:price",
    "aws_autoscaling_group": "infragod.price.recipes.aws.aws_autoscaling_group:price",
    "aws_backup_vault": "infragod.price.recipes.aws.aws_backup_vault:price",
    "aws_batch_compute_environment": "infragod.price.recipes.aws.aws_batch_compute_environment:price",
    "aws_cloudformation_stack": "infragod.price.recipes.aws.aws_cloudformation_stack:price",
    "aws_cloudformation_stack_set": "infragod.price.recipes.aws.aws_cloudformation_stack:price",
    "aws_cloudfront_distribution": "infragod.price.recipes.aws.aws_cloudfront_distribution:price",
    "aws_cloudfront_function": "infragod.price.recipes.aws.aws_cloudfront_function:price",
    "aws_cloudhsm_v2_hsm": "infragod.price.recipes.aws.aws_cloudhsm_v2_hsm:price",
    "aws_cloudtrail": "infragod.price.recipes.aws.aws_cloudtrail:price",
    "aws_cloudwatch_dashboard": "infragod.price.recipes.aws.aws_cloudwatch_dashboard:price",
    "aws_cloudwatch_event_bus": "infragod.price.recipes.aws.aws_cloudwatch_event_bus:price",
    "aws_cloudwatch_log_group": "infragod.price.recipes.aws.aws_cloudwatch_log_group:price",
    "aws_cloudwatch_metric_alarm": "infragod.price.recipes.aws.aws_cloudwatch_metric_alarm:price",
    "aws_codebuild_project": "infragod.price.recipes.aws.aws_codebuild_project:price",
    "aws_config_config_rule": "infragod.price.recipes.aws.aws_config_config_rule:price",
    "aws_config_configuration_recorder": "infragod.price.recipes.aws.aws_config_configuration_recorder:price",
    "aws_config_organization_custom_rule": "infragod.price.recipes.aws.aws_config_config_rule:price",
    "aws_config_organization_managed_rule": "infragod.price.recipes.aws.aws_config_config_rule:price",
    "aws_db_instance": "infragod.price.recipes.aws.aws_db_instance:price",
    "aws_directory_service_directory": "infragod.price.recipes.aws.aws_directory_service_directory:price",
    "aws_dms_replication_instance": "infragod.price.recipes.aws.aws_dms_replication_instance:price",
    "aws_docdb_cluster": "infragod.price.recipes.aws.aws_docdb_cluster:price",
    "aws_docdb_cluster_instance": "infragod.price.recipes.aws.aws_docdb_cluster_instance:price",
    "aws_docdb_cluster_snapshot": "infragod.price.recipes.aws.aws_docdb_cluster_snapshot:price",
    "aws_dx_connection": "infragod.price.recipes.aws.aws_dx_connection:price",
    "aws_dx_gateway_association": "infragod.price.recipes.aws.aws_dx_gateway_association:price",
    "aws_dynamodb_table": "infragod.price.recipes.aws.aws_dynamodb_table:price",
    "aws_ebs_snapshot": "infragod.price.recipes.aws.aws_ebs_snapshot:price",
    "aws_ebs_snapshot_copy": "infragod.price.recipes.aws.aws_ebs_snapshot:price",
    "aws_ebs_volume": "infragod.price.recipes.aws.aws_ebs_volume:price",
    "aws_ec2_client_vpn_endpoint": "infragod.price.recipes.aws.aws_ec2_client_vpn_endpoint:price",
    "aws_ec2_client_vpn_network_association": "infragod.price.recipes.aws.aws_ec2_client_vpn_network_association:price",
    "aws_ec2_host": "infragod.price.recipes.aws.aws_ec2_host:price",
    "aws_ec2_traffic_mirror_session": "infragod.price.recipes.aws.aws_ec2_traffic_mirror_session:price",
    "aws_ec2_transit_gateway_peering_attachment": (
        "infragod.price.recipes.aws.aws_ec2_transit_gateway_peering_attachment:price"
    ),
    "aws_ec2_transit_gateway_vpc_attachment": "infragod.price.recipes.aws.aws_ec2_transit_gateway_vpc_attachment:price",
    "aws_ecr_repository": "infragod.price.recipes.aws.aws_ecr_repository:price",
    "aws_ecs_service": "infragod.price.recipes.aws.aws_ecs_service:price",
    "aws_efs_file_system": "infragod.price.recipes.aws.aws_efs_file_system:price",
    "aws_eip": "infragod.price.recipes.aws.aws_eip:price",
    "aws_eks_cluster": "infragod.price.recipes.aws.aws_eks_cluster:price",
    "aws_eks_fargate_profile": "infragod.price.recipes.aws.aws_eks_fargate_profile:price",
    "aws_eks_node_group": "infragod.price.recipes.aws.aws_eks_node_group:price",
    "aws_elastic_beanstalk_environment": "infragod.price.recipes.aws.aws_elastic_beanstalk_environment:price",
    "aws_elasticache_cluster": "infragod.price.recipes.aws.aws_elasticache_cluster:price",
    "aws_elasticache_replication_group": "infragod.price.recipes.aws.aws_elasticache_replication_group:price",
    "aws_elasticsearch_domain": "infragod.price.recipes.aws.aws_opensearch_domain:price",
    "aws_elb": "infragod.price.recipes.aws.aws_elb:price",
    "aws_emr_cluster": "infragod.price.recipes.aws.aws_emr_cluster:price",
    "aws_fsx_lustre_file_system": "infragod.price.recipes.aws.aws_fsx_lustre_file_system:price",
    "aws_fsx_openzfs_file_system": "infragod.price.recipes.aws.aws_fsx_openzfs_file_system:price",
    "aws_fsx_windows_file_system": "infragod.price.recipes.aws.aws_fsx_windows_file_system:price",
    "aws_globalaccelerator_accelerator": "infragod.price.recipes.aws.aws_globalaccelerator_accelerator:price",
    "aws_globalaccelerator_endpoint_group": "infragod.price.recipes.aws.aws_globalaccelerator_endpoint_group:price",
    "aws_glue_catalog_database": "infragod.price.recipes.aws.aws_glue_catalog_database:price",
    "aws_glue_crawler": "infragod.price.recipes.aws.aws_glue_crawler:price",
    "aws_glue_job": "infragod.price.recipes.aws.aws_glue_job:price",
    "aws_grafana_workspace": "infragod.price.recipes.aws.aws_grafana_workspace:price",
    "aws_instance": "infragod.price.recipes.aws.aws_instance:price",
    "aws_kinesis_firehose_delivery_stream": "infragod.price.recipes.aws.aws_kinesis_firehose_delivery_stream:price",
    "aws_kinesis_stream": "infragod.price.recipes.aws.aws_kinesis_stream:price",
    "aws_kinesisanalytics_application": "infragod.price.recipes.aws.aws_kinesisanalyticsv2_application:price",
    "aws_kinesisanalyticsv2_application": "infragod.price.recipes.aws.aws_kinesisanalyticsv2_application:price",
    "aws_kms_external_key": "infragod.price.recipes.aws.aws_kms_external_key:price",
    "aws_kms_key": "infragod.price.recipes.aws.aws_kms_key:price",
    "aws_lambda_function": "infragod.price.recipes.aws.aws_lambda_function:price",
    "aws_lambda_provisioned_concurrency_config": (
        "infragod.price.recipes.aws.aws_lambda_provisioned_concurrency_config:price"
    ),
    "aws_lb": "infragod.price.recipes.aws.aws_lb:price",
    "aws_lightsail_instance": "infragod.price.recipes.aws.aws_lightsail_instance:price",
    "aws_memorydb_cluster": "infragod.price.recipes.aws.aws_memorydb_cluster:price",
    "aws_mq_broker": "infragod.price.recipes.aws.aws_mq_broker:price",
    "aws_msk_cluster": "infragod.price.recipes.aws.aws_msk_cluster:price",
    "aws_mwaa_environment": "infragod.price.recipes.aws.aws_mwaa_environment:price",
    "aws_nat_gateway": "infragod.price.recipes.aws.aws_nat_gateway:price",
    "aws_neptune_cluster": "infragod.price.recipes.aws.aws_neptune_cluster:price",
    "aws_neptune_cluster_instance": "infragod.price.recipes.aws.aws_neptune_cluster_instance:price",
    "aws_networkfirewall_firewall": "infragod.price.recipes.aws.aws_networkfirewall_firewall:price",
    "aws_opensearch_domain": "infragod.price.recipes.aws.aws_opensearch_domain:price",
    "aws_rds_cluster": "infragod.price.recipes.aws.aws_rds_cluster:price",
    "aws_rds_cluster_instance": "infragod.price.recipes.aws.aws_rds_cluster_instance:price",
    "aws_redshift_cluster": "infragod.price.recipes.aws.aws_redshift_cluster:price",
    "aws_redshiftserverless_workgroup": "infragod.price.recipes.aws.aws_redshiftserverless_workgroup:price",
    "aws_route53_health_check": "infragod.price.recipes.aws.aws_route53_health_check:price",
    "aws_route53_record": "infragod.price.recipes.aws.aws_route53_record:price",
    "aws_route53_resolver_endpoint": "infragod.price.recipes.aws.aws_route53_resolver_endpoint:price",
    "aws_route53_zone": "infragod.price.recipes.aws.aws_route53_zone:price",
    "aws_s3_bucket": "infragod.price.recipes.aws.aws_s3_bucket:price",
    "aws_s3_bucket_analytics_configuration": "infragod.price.recipes.aws.aws_s3_bucket_analytics_configuration:price",
    "aws_s3_bucket_inventory": "infragod.price.recipes.aws.aws_s3_bucket_inventory:price",
    "aws_sagemaker_endpoint_configuration": "infragod.price.recipes.aws.aws_sagemaker_endpoint_configuration:price",
    "aws_sagemaker_notebook_instance": "infragod.price.recipes.aws.aws_sagemaker_notebook_instance:price",
    "aws_secretsmanager_secret": "infragod.price.recipes.aws.aws_secretsmanager_secret:price",
    "aws_sfn_state_machine": "infragod.price.recipes.aws.aws_sfn_state_machine:price",
    "aws_sns_topic": "infragod.price.recipes.aws.aws_sns_topic:price",
    "aws_sns_topic_subscription": "infragod.price.recipes.aws.aws_sns_topic_subscription:price",
    "aws_sqs_queue": "infragod.price.recipes.aws.aws_sqs_queue:price",
    "aws_ssm_activation": "infragod.price.recipes.aws.aws_ssm_activation:price",
    "aws_ssm_parameter": "infragod.price.recipes.aws.aws_ssm_parameter:price",
    "aws_transfer_server": "infragod.price.recipes.aws.aws_transfer_server:price",
    "aws_vpc_endpoint": "infragod.price.recipes.aws.aws_vpc_endpoint:price",
    "aws_vpn_connection": "infragod.price.recipes.aws.aws_vpn_connection:price",
    "aws_waf_web_acl": "infragod.price.recipes.aws.aws_waf_web_acl:price",
    "aws_wafregional_web_acl": "infragod.price.recipes.aws.aws_waf_web_acl:price",
    "aws_wafv2_web_acl": "infragod.price.recipes.aws.aws_wafv2_web_acl:price",
    "aws_workspaces_workspace": "infragod.price.recipes.aws.aws_workspaces_workspace:price",
    "google_alloydb_instance": "infragod.price.recipes.gcp.google_alloydb_instance:price",
    "google_artifact_registry_repository": "infragod.price.recipes.gcp.google_artifact_registry_repository:price",
    "google_bigquery_dataset": "infragod.price.recipes.gcp.google_bigquery_dataset:price",
    "google_bigquery_reservation": "infragod.price.recipes.gcp.google_bigquery_reservation:price",
    "google_bigquery_table": "infragod.price.recipes.gcp.google_bigquery_table:price",
    "google_bigtable_instance": "infragod.price.recipes.gcp.google_bigtable_instance:price",
    "google_cloud_run_service": "infragod.price.recipes.gcp.google_cloud_run_service:price",
    "google_cloud_run_v2_job": "infragod.price.recipes.gcp.google_cloud_run_v2_job:price",
    "google_cloud_run_v2_service": "infragod.price.recipes.gcp.google_cloud_run_v2_service:price",
    "google_cloudfunctions2_function": "infragod.price.recipes.gcp.google_cloudfunctions2_function:price",
    "google_cloudfunctions_function": "infragod.price.recipes.gcp.google_cloudfunctions_function:price",
    "google_composer_environment": "infragod.price.recipes.gcp.google_composer_environment:price",
    "google_compute_address": "infragod.price.recipes.gcp.google_compute_address:price",
    "google_compute_disk": "infragod.price.recipes.gcp.google_compute_disk:price",
    "google_compute_external_vpn_gateway": "infragod.price.recipes.gcp.google_compute_external_vpn_gateway:price",
    "google_compute_forwarding_rule": "infragod.price.recipes.gcp.google_compute_forwarding_rule:price",
    "google_compute_global_address": "infragod.price.recipes.gcp.google_compute_address:price_global",
    "google_compute_global_forwarding_rule": "infragod.price.recipes.gcp.google_compute_forwarding_rule:price_global",
    "google_compute_ha_vpn_gateway": "infragod.price.recipes.gcp.google_compute_vpn_gateway:price",
    "google_compute_image": "infragod.price.recipes.gcp.google_compute_image:price",
    "google_compute_instance": "infragod.price.recipes.gcp.google_compute_instance:price",
    "google_compute_instance_group_manager": "infragod.price.recipes.gcp.google_compute_instance_group_manager:price",
    "google_compute_interconnect_attachment": "infragod.price.recipes.gcp.google_compute_interconnect_attachment:price",
    "google_compute_machine_image": "infragod.price.recipes.gcp.google_compute_machine_image:price",
    "google_compute_region_disk": "infragod.price.recipes.gcp.google_compute_region_disk:price",
    "google_compute_region_instance_group_manager": (
        "infragod.price.recipes.gcp.google_compute_instance_group_manager:price"
    ),
    "google_compute_region_target_http_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_region_target_https_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_region_target_tcp_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_router_nat": "infragod.price.recipes.gcp.google_compute_router_nat:price",
    "google_compute_security_policy": "infragod.price.recipes.gcp.google_compute_security_policy:price",
    "google_compute_snapshot": "infragod.price.recipes.gcp.google_compute_snapshot:price",
    "google_compute_target_grpc_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_target_http_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_target_https_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_target_ssl_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_target_tcp_proxy": "infragod.price.recipes.gcp.google_compute_target_proxy:price",
    "google_compute_vpn_gateway": "infragod.price.recipes.gcp.google_compute_vpn_gateway:price",
    "google_compute_vpn_tunnel": "infragod.price.recipes.gcp.google_compute_vpn_tunnel:price",
    "google_container_cluster": "infragod.price.recipes.gcp.google_container_cluster:price",
    "google_container_node_pool": "infragod.price.recipes.gcp.google_container_node_pool:price",
    "google_container_registry": "infragod.price.recipes.gcp.google_container_registry:price",
    "google_dataflow_job": "infragod.price.recipes.gcp.google_dataflow_job:price",
    "google_dataproc_cluster": "infragod.price.recipes.gcp.google_dataproc_cluster:price",
    "google_dns_managed_zone": "infragod.price.recipes.gcp.google_dns_managed_zone:price",
    "google_dns_record_set": "infragod.price.recipes.gcp.google_dns_record_set:price",
    "google_filestore_instance": "infragod.price.recipes.gcp.google_filestore_instance:price",
    "google_kms_crypto_key": "infragod.price.recipes.gcp.google_kms_crypto_key:price",
    "google_logging_billing_account_bucket_config": "infragod.price.recipes.gcp.google_logging:price",
    "google_logging_billing_account_sink": "infragod.price.recipes.gcp.google_logging:price",
    "google_logging_folder_bucket_config": "infragod.price.recipes.gcp.google_logging:price",
    "google_logging_folder_sink": "infragod.price.recipes.gcp.google_logging:price",
    "google_logging_organization_bucket_config": "infragod.price.recipes.gcp.google_logging:price",
    "google_logging_organization_sink": "infragod.price.recipes.gcp.google_logging:price",
    "google_logging_project_bucket_config": "infragod.price.recipes.gcp.google_logging:price",
    "google_logging_project_sink": "infragod.price.recipes.gcp.google_logging:price",
    "google_memcache_instance": "infragod.price.recipes.gcp.google_memcache_instance:price",
    "google_monitoring_metric_descriptor": "infragod.price.recipes.gcp.google_monitoring_metric_descriptor:price",
    "google_pubsub_subscription": "infragod.price.recipes.gcp.google_pubsub_subscription:price",
    "google_pubsub_topic": "infragod.price.recipes.gcp.google_pubsub_topic:price",
    "google_redis_cluster": "infragod.price.recipes.gcp.google_redis_cluster:price",
    "google_redis_instance": "infragod.price.recipes.gcp.google_redis_instance:price",
    "google_secret_manager_secret": "infragod.price.recipes.gcp.google_secret_manager_secret:price",
    "google_secret_manager_secret_version": "infragod.price.recipes.gcp.google_secret_manager_secret_version:price",
    "google_service_networking_connection": "infragod.price.recipes.gcp.google_service_networking_connection:price",
    "google_spanner_instance": "infragod.price.recipes.gcp.google_spanner_instance:price",
    "google_sql_database_instance": "infragod.price.recipes.gcp.google_sql_database_instance:price",
    "google_storage_bucket": "infragod.price.recipes.gcp.google_storage_bucket:price",
    "google_vertex_ai_endpoint": "infragod.price.recipes.gcp.google_vertex_ai_endpoint:price",
    "google_workbench_instance": "infragod.price.recipes.gcp.google_workbench_instance:price",
}

FREE_PROVIDERS: Final = frozenset(
    {"archive", "cloudinit", "external", "http", "local", "null", "random", "template", "terraform", "time", "tls"}
)
"""Providers whose resources exist in Terraform alone."""


@cache
def recipe_of(kind: str) -> Recipe | None:
    """The recipe of a resource type, or None."""
    target = RECIPES.get(kind)
    if target is None:
        return None
    module, _, name = target.partition(":")
    recipe: Recipe = getattr(import_module(module), name)
    return recipe


@cache
def recipe_names() -> Mapping[str, str]:
    """The recipe of each resource type by its name, which is its file's: several types share one."""
    return {kind: target.partition(":")[0].rpartition(".")[2] for kind, target in RECIPES.items()}


@cache
def is_free(provider: str, kind: str) -> bool:
    """Whether resources of the type never cost anything."""
    if provider in FREE_PROVIDERS:
        return True
    types = free_types(provider)
    return kind in types or any("*" in name and fnmatchcase(kind, name) for name in types)


@cache
def free_types(provider: str) -> frozenset[str]:
    """The types of a provider that cost nothing themselves (rules, attachments, permissions, templates); `*` is any."""
    path = Path(__file__).parent / "free" / f"{provider}.txt"
    if not provider.isalnum() or not path.is_file():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def usage_keys() -> Mapping[str, tuple[str, ...]]:
    """Every usage key; with its choices, where it is no number."""
    from infragod.price.recipes.dimension import CHOICES

    keys = {key for kind in RECIPES for dimension in dimensions_of(kind) for key in dimension.usage}
    return {key: CHOICES.get(key, ()) for key in sorted(keys)}


def dimensions_of(kind: str) -> tuple[Dimension, ...]:
    """What the recipe of a type can price, each dimension once."""
    module = import_module(RECIPES[kind].partition(":")[0])
    return tuple(dict.fromkeys(module.DIMENSIONS))

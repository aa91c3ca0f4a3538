"""Against published examples: each resource of a type with a recipe within 1 %, each unit price as the sheet has it."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infragod.cli.estimate import lines
from infragod.price.estimate import estimate
from infragod.price.recipes import RECIPES, is_free
from infragod.price.sheet import Prices
from infragod.price.usage import Usage
from infragod.resource import Action, Change, Plan, PricedResource, Resource
from infragod.terraform.plan import read

pytestmark = pytest.mark.shared
DAY = date(2025, 6, 1)
# The template's name comes from a local value: the plan does not say which template it is.
NOT_IN_PLAN = {"aws_eks_node_group.example_with_launch_template_with_prefix"}


def test_published_examples(shared: Path) -> None:
    wrong, right = [], 0
    for answer in sorted((shared / "estimates").glob("*/*.expected.json")):
        path = answer.with_name(answer.name.replace(".expected", ""))
        result = estimate(read(path, b"key"), Prices(), Usage(), currency="USD", as_of=DAY)
        costs = {resource.address: _fixed(resource) for resource in result.resources}
        for address, entry in json.loads(answer.read_text(), parse_float=Decimal)["resources"].items():
            if _counts(address, entry):
                close = _close(costs.get(address), Decimal(entry["fixed_monthly"]))
                right += close
                wrong += [] if close else [(address, entry["fixed_monthly"], costs.get(address))]
    assert wrong == []
    assert right >= 79


def _fixed(resource: PricedResource) -> Decimal | None:
    """What the examples call fixed: of MSK the brokers, though storage is billed as provisioned too."""
    if resource.type != "aws_msk_cluster":
        return resource.monthly_cost
    brokers = [c.monthly_cost for c in resource.components if c.name.startswith("Instance")]
    return sum((cost for cost in brokers if cost is not None), Decimal(0))


def _counts(address: str, entry: dict[str, Any]) -> bool:
    fixed = entry["fixed_only"] and entry["currency"] == "USD" and Decimal(entry["fixed_monthly"]) > 0
    return fixed and entry["type"] in RECIPES and address not in NOT_IN_PLAN


def _close(cost: Decimal | None, expected: Decimal) -> bool:
    """Within 1 %; half a cent more, since the examples are rounded to cents."""
    return cost is not None and abs(cost - expected) <= expected / 100 + Decimal("0.005")


# Component → (service, key, hours in the unit): where the examples' unit is a month of a price by the hour.
KEYS = {
    ("aws_ebs_volume", "I/O requests"): ("ebs", "standard/requests"),
    ("aws_ebs_volume", "Storage (cold HDD, sc1)"): ("ebs", "sc1"),
    ("aws_ebs_volume", "Storage (general purpose SSD, gp2)"): ("ebs", "gp2"),
    ("aws_ebs_volume", "Storage (general purpose SSD, gp3)"): ("ebs", "gp3"),
    ("aws_ebs_volume", "Storage (magnetic)"): ("ebs", "standard"),
    ("aws_ebs_volume", "Storage (provisioned IOPS SSD, io1)"): ("ebs", "io1"),
    ("aws_ebs_volume", "Storage (provisioned IOPS SSD, io2)"): ("ebs", "io2"),
    ("aws_ebs_volume", "Storage (throughput optimized HDD, st1)"): ("ebs", "st1"),
    ("aws_ebs_volume", "Provisioned throughput"): ("ebs", "gp3/throughput"),
    ("aws_eks_cluster", "EKS cluster"): ("eks", "cluster"),
    ("aws_eks_cluster", "EKS cluster (extended support)"): ("eks", "cluster/extended"),
    ("aws_instance", "EC2 detailed monitoring"): ("cloudwatch", "metric"),
    ("aws_lb", "Application load balancer"): ("elb", "application/hours"),
    ("aws_lb", "Network load balancer"): ("elb", "network/hours"),
    ("aws_nat_gateway", "NAT gateway"): ("vpc", "nat-gateway/hours"),
    ("aws_nat_gateway", "Data processed"): ("vpc", "nat-gateway/gb"),
    ("aws_db_instance", "Provisioned IOPS"): ("rds", "storage/io1/iops"),
    ("aws_db_instance", "Storage (magnetic)"): ("rds", "storage/standard"),
    ("aws_elasticache_cluster", "Backup storage"): ("elasticache", "backup"),
    ("aws_msk_cluster", "Storage"): ("msk", "storage"),
    ("aws_rds_cluster_instance", "Aurora serverless v2"): ("rds", "acu"),
    ("aws_rds_cluster_instance", "Database instance (on-demand, db.r4.large)"): (
        "rds",
        "db.r4.large/aurora-mysql/single-az",
    ),
    ("aws_opensearch_domain", "Storage (gp2)"): ("opensearch", "storage/gp2"),
    ("aws_opensearch_domain", "Instance (on-demand, c4.2xlarge.search)"): ("opensearch", "c4.2xlarge"),
    ("aws_elasticsearch_domain", "Storage (gp3)"): ("opensearch", "storage/gp3"),
    ("aws_elasticsearch_domain", "Throughput (gp3)"): ("opensearch", "storage/gp3/throughput"),
    ("aws_vpc_endpoint", "Endpoint (Interface)"): ("vpc", "endpoint/interface/hours"),
    ("aws_vpc_endpoint", "Data processed (over 5PB)"): ("vpc", "endpoint/interface/gb-3"),
    ("aws_cloudwatch_metric_alarm", "Standard resolution"): ("cloudwatch", "alarm/standard"),
    ("aws_docdb_cluster_instance", "Database instance (on-demand, db.t3.medium)"): ("docdb", "db.t3.medium"),
    ("aws_redshift_cluster", "Cluster usage (on-demand, ra3.4xlarge)"): ("redshift", "ra3.4xlarge"),
    ("aws_kinesis_stream", "PROVISIONED"): ("kinesis", "shard/hours"),
    ("aws_kinesis_stream", "ON_DEMAND"): ("kinesis", "on-demand/hours"),
    ("aws_ec2_transit_gateway_vpc_attachment", "Data processed"): ("vpc", "transit-gateway/gb"),
    ("aws_vpn_connection", "VPN connection"): ("vpc", "vpn-connection/hours"),
    ("aws_networkfirewall_firewall", "Network Firewall Endpoint"): ("networkfirewall", "endpoint/hours"),
    ("aws_wafv2_web_acl", "Web ACL usage"): ("waf", "web-acl"),
    ("aws_transfer_server", "SFTP protocol enabled"): ("transfer", "protocol"),
    ("aws_acmpca_certificate_authority", "Private certificate authority"): ("acmpca", "authority"),
    ("aws_mwaa_environment", "Environment (Medium)"): ("mwaa", "mw1.medium/environment"),
    ("aws_mwaa_environment", "Worker (Large)"): ("mwaa", "mw1.large/worker"),
    ("aws_api_gateway_rest_api", "Requests (first 333M)"): ("apigateway", "rest/requests/1"),
    ("aws_apigatewayv2_api", "Messages (over 1B)"): ("apigateway", "websocket/messages/2"),
    ("aws_api_gateway_stage", "Cache memory (237 GB)"): ("apigateway", "cache/237"),
    ("aws_cloudtrail", "Insight events"): ("cloudtrail", "insights"),
    ("aws_codebuild_project", "Windows (general1.large)"): ("codebuild", "windows/general1.large"),
    ("aws_config_config_rule", "Rule evaluations (next 400K)"): ("config", "evaluations/2"),
    ("aws_docdb_cluster", "Backup storage"): ("docdb", "backup"),
    ("aws_dx_connection", "DX connection"): ("directconnect", "port/1Gbps"),
    ("aws_ebs_snapshot", "Fast snapshot restore"): ("ebs", "snapshot/fast-restore"),
    ("aws_ec2_client_vpn_endpoint", "Connection"): ("vpc", "client-vpn/connection"),
    ("aws_ec2_traffic_mirror_session", "Traffic mirror"): ("vpc", "traffic-mirror"),
    ("aws_fsx_openzfs_file_system", "Throughput capacity"): ("fsx", "openzfs/single-az/throughput"),
    ("aws_fsx_openzfs_file_system", "Provisioned IOPS"): ("fsx", "openzfs/single-az/iops"),
    ("aws_fsx_windows_file_system", "HDD storage"): ("fsx", "windows/multi-az/hdd"),
    ("aws_fsx_windows_file_system", "Throughput capacity"): ("fsx", "windows/multi-az/throughput"),
    ("aws_glue_crawler", "Duration"): ("glue", "crawler"),
    ("aws_grafana_workspace", "Viewer licenses"): ("grafana", "viewer"),
    ("aws_lambda_provisioned_concurrency_config", "Provisioned Concurrency"): ("lambda", "arm/provisioned"),
    ("aws_lightsail_instance", "Virtual server (Windows)"): ("lightsail", "windows/small"),
    ("aws_mq_broker", "Storage (ActiveMQ, EFS)"): ("mq", "storage/efs"),
    ("aws_rds_cluster", "Backtrack"): ("rds", "backtrack"),
    ("aws_redshift_cluster", "Backup storage (next 450 TB)"): ("redshift", "backup/2"),
    ("aws_s3_bucket", "Glacier deep archive/Storage"): ("s3", "deep-archive/gb"),
    ("aws_s3_bucket", "Standard - infrequent access/Retrievals"): ("s3", "standard-ia/retrieval"),
    ("aws_sfn_state_machine", "Duration (next 4K)"): ("sfn", "duration/2"),
    ("aws_sns_topic", "FIFO notification payload"): ("sns", "fifo/notified"),
    ("aws_ssm_activation", "On-prem managed instances (advanced)"): ("ssm", "instance/advanced"),
    ("aws_waf_web_acl", "Web ACL usage"): ("waf", "web-acl"),
    ("google_sql_database_instance", "SQL instance (db-f1-micro, regional)"): ("sql", "db-f1-micro/regional"),
    ("google_sql_database_instance", "Memory (104 GB, zonal)"): ("sql", "memory/zonal"),
    ("google_sql_database_instance", "vCPUs (16, regional)"): ("sql", "vcpu/regional"),
    ("google_sql_database_instance", "Storage (SSD, regional)"): ("sql", "storage/ssd/regional"),
    ("google_compute_vpn_tunnel", "VPN Tunnel"): ("vpn", "tunnel/hours"),
    ("google_compute_router_nat", "Data processed"): ("nat", "gb"),
    ("google_compute_address", "IP address (unused)"): ("compute", "address/unused"),
    ("google_compute_address", "IP address (standard VM)"): ("compute", "address/standard"),
    ("google_compute_disk", "Standard provisioned storage (pd-standard)"): ("compute", "disk/pd-standard"),
    ("google_compute_disk", "SSD provisioned storage (pd-ssd)"): ("compute", "disk/pd-ssd"),
    ("google_compute_disk", "Extreme provisioned storage (pd-extreme)"): ("compute", "disk/pd-extreme"),
    ("google_bigquery_dataset", "Queries (on-demand)"): ("bigquery", "queries"),
    ("google_bigquery_table", "Active storage"): ("bigquery", "active"),
    ("google_bigquery_table", "Streaming inserts"): ("bigquery", "inserts"),
    ("google_cloudfunctions_function", "CPU"): ("functions", "ghz-second"),
    ("google_compute_forwarding_rule", "Forwarding rules"): ("loadbalancer", "rule/hours"),
    ("google_compute_image", "Storage"): ("compute", "image"),
    ("google_compute_machine_image", "Storage"): ("compute", "machine-image"),
    ("google_compute_target_grpc_proxy", "Proxy instance"): ("loadbalancer", "proxy/hours"),
    ("google_redis_cluster", "AOF persistence"): ("redis", "cluster/aof"),
    ("google_redis_cluster", "Cluster node (highmem xlarge)"): ("redis", "cluster/highmem-xlarge"),
    ("google_redis_cluster", "Cluster node (standard small)"): ("redis", "cluster/standard-small"),
    ("google_sql_database_instance", "IP address (if unused)"): ("sql", "address/unused"),
    ("google_container_cluster", "Cluster management fee"): ("gke", "cluster"),
    ("google_container_cluster", "Autopilot vCPU"): ("gke", "autopilot/vcpu"),
}


def test_unit_prices_agree(shared: Path) -> None:
    seen = 0
    with (shared / "facts" / "unit_prices.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            place = KEYS.get((row["terraform_type"], row["component"]))
            if place is None:
                continue
            price = Prices().find(row["provider"], place[0], row["region"], place[1])
            assert price is not None, row
            assert price.amount == Decimal(row["usd"]), row
            seen += 1
    assert seen >= len(KEYS)


def test_node_types_agree(shared: Path) -> None:
    with (shared / "facts" / "unit_prices.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            match = re.fullmatch(r"ElastiCache \(on-demand, (cache\.[\w.]+)\)", row["component"])
            if match:
                price = Prices().find("aws", "elasticache", row["region"], match[1])
                assert price is not None
                assert price.amount == Decimal(row["usd"])


def test_no_type_of_the_coverage_list_is_free(shared: Path) -> None:
    with (shared / "facts" / "coverage.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] != "joined"]
    assert [row["type"] for row in rows if is_free(row["provider"], row["type"])] == []


def test_every_type_of_the_coverage_list_has_a_recipe(shared: Path) -> None:
    with (shared / "facts" / "coverage.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if "joined" not in row["kind"]]
    assert [row["type"] for row in rows if row["type"] not in RECIPES] == []


def test_no_google_type_of_the_coverage_list_costs_nothing_where_nothing_is_set(shared: Path) -> None:
    with (shared / "facts" / "coverage.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["provider"] == "google" and row["kind"] != "joined"]
    after = [Resource(f"{row['type']}.x", row["type"], "google", "us-central1", {}) for row in rows]
    changes = tuple(
        Change(side.address, "", "managed", side.type, "x", None, "google", Action.CREATE, None, side) for side in after
    )
    plan = Plan("1.2", "1.11.4", changes, {}, "digest", by_address={change.address: change for change in changes})
    found = estimate(plan, Prices(), Usage(), currency="USD", as_of=DAY).resources
    assert len(found) >= 48
    assert [resource.address for resource in found if resource.monthly_cost == 0] == []


@pytest.mark.parametrize("provider", ["aws", "google"])
def test_free_types_are_free(shared: Path, provider: str) -> None:
    text = (shared / "facts" / f"free_{provider}.txt").read_text()
    types = {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}
    assert {kind for kind in types if not is_free(provider, kind) and kind not in RECIPES} == set()


def test_every_plan_can_be_estimated(shared: Path) -> None:
    for path in sorted((shared / "plans").glob("*.json")):
        result = estimate(read(path, b"key"), Prices(), Usage(), currency="USD", as_of=DAY)
        text = "\n".join(lines(result, path.name))
        assert max(map(len, text.splitlines())) <= 100, path.name
        for resource in result.resources:
            assert (resource.address in result.unknown) is not resource.complete

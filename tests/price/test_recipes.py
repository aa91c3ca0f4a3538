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
[aws_kinesis_stream]
monthly_put_payload_units = 500_000_000
[aws_docdb_cluster_instance]
monthly_cpu_credit_hrs = 20
[aws_rds_cluster_instance]
monthly_acu_hours = 1460
[aws_rds_cluster]
storage_gb = 100
monthly_io_requests = 5_000_000
backup_storage_gb = 50
[aws_efs_file_system]
storage_gb = 400
[aws_acmpca_certificate_authority]
monthly_certificates = 12_000
"""
WITH_USAGE = (
    "aws_databases",
    "aws_db_instance",
    "aws_eks_node_group",
    "aws_instance",
    "aws_lb",
    "aws_nat_gateway",
    "aws_networks",
    "aws_platforms",
    "aws_rds_cluster_instance",
    "aws_small_services",
    "aws_usage_types",
)


@pytest.mark.parametrize("name", PLANS)
def test_text_of_a_type(name: str, priced: Callable[..., Estimate], golden: Callable[[str, str], None]) -> None:
    text = "\n".join(lines(priced(name), f"{name}.json")) + "\n"
    assert max(map(len, text.splitlines())) <= 100
    golden(f"{name}.txt", text)


@pytest.mark.parametrize("name", WITH_USAGE)
def test_text_with_usage(name: str, priced: Callable[..., Estimate], golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.usage.txt", "\n".join(lines(priced(name, USAGE), f"{name}.json")) + "\n")

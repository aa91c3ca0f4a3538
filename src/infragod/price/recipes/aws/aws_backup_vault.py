"""aws_backup_vault: what it holds by the service that was backed up, warm and cold; restores, copies elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

EVERYDAY: Final = ("monthly_ebs_snapshot_gb", "monthly_efs_warm_backup_gb", "monthly_rds_snapshot_gb")
KINDS: Final = (
    ("EBS snapshot", "monthly_ebs_snapshot_gb", "ebs"),
    ("EFS backup (warm)", "monthly_efs_warm_backup_gb", "efs/warm"),
    ("EFS backup (cold)", "monthly_efs_cold_backup_gb", "efs/cold"),
    ("EFS item-level restore", "monthly_efs_item_restore_requests", "efs/item-restore"),
    ("RDS snapshot", "monthly_rds_snapshot_gb", "rds"),
    ("DynamoDB backup (warm)", "monthly_dynamodb_backup_gb", "dynamodb/warm"),
    ("DynamoDB backup (cold)", "monthly_dynamodb_cold_backup_gb", "dynamodb/cold"),
    ("DynamoDB restore", "monthly_dynamodb_restore_gb", "dynamodb/restore"),
    ("Aurora snapshot", "monthly_aurora_snapshot_gb", "aurora"),
    ("FSx for Windows backup", "monthly_fsx_windows_backup_gb", "fsx-windows"),
    ("FSx for Lustre backup", "monthly_fsx_lustre_backup_gb", "fsx-lustre"),
    ("S3 backup", "monthly_s3_backup_gb", "s3"),
    ("VMware backup (warm)", "monthly_vmware_backup_gb", "vmware/warm"),
    ("VMware backup (cold)", "monthly_vmware_cold_backup_gb", "vmware/cold"),
    ("Copies to other regions", "monthly_cross_region_copy_gb", "copy"),
)
LINES: Final = tuple(
    Use(name, "requests" if key.endswith("requests") else "GB", key, "backup", price, extra=key not in EVERYDAY)
    for name, key, price in KINDS
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one vault."""
    yield from components(item, LINES)

"""aws_fsx_lustre_file_system: storage by deployment, kind of disk and throughput a TiB; backups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use
from infragod.resource import Component

BACKUP: Final = Use("Backup storage", "GB", "backup_storage_gb", "fsx", "lustre/backup")
DIMENSIONS: Final = (
    Dimension("Storage (<deployment>, <kind>, <throughput>)", "GB"),
    Dimension("Metadata IOPS", "IOPS"),
    BACKUP.dimension,
)


def price(item: Item) -> Iterator[Component]:
    """The components of one file system."""
    deployment = item.word("deployment_type", "SCRATCH_1")
    kind = item.word("storage_type", "SSD").lower()
    size = item.number("storage_capacity")
    if deployment.startswith("SCRATCH"):
        name, key = "scratch", "scratch"
    else:
        speed = item.number("per_unit_storage_throughput")
        name = f"{deployment.lower().replace('_', ' ')}, {kind}, {speed or 'throughput not known'} MB/s/TiB"
        key = f"{deployment.lower().replace('_', '-')}/{kind}/{speed}"
    yield item.fixed(f"Storage ({name})", "GB", size, item.rate("fsx", f"lustre/{key}"))
    metadata = item.block("metadata_configuration")
    if metadata.word("mode") == "USER_PROVISIONED":
        yield item.fixed("Metadata IOPS", "IOPS", metadata.number("iops"), item.rate("fsx", "lustre/metadata-iops"))
    if item.number("automatic_backup_retention_days", 0) != 0:
        yield from BACKUP.components(item)

"""aws_fsx_openzfs_file_system: SSD storage, throughput, IOPS above three a GB, backups."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use
from infragod.resource import Component

BACKUP: Final = Use("Backup storage", "GB", "backup_storage_gb", "fsx", "openzfs/backup")
INCLUDED_IOPS: Final = 3  # a GB
DIMENSIONS: Final = (
    Dimension("SSD storage", "GB"),
    Dimension("Throughput capacity", "MBps"),
    Dimension("Provisioned IOPS", "IOPS"),
    BACKUP.dimension,
)


def price(item: Item) -> Iterator[Component]:
    """The components of one file system: what is provisioned is billed, compressed or not."""
    zones = "multi-az" if item.word("deployment_type", "SINGLE_AZ_1").startswith("MULTI") else "single-az"
    size = item.number("storage_capacity")
    throughput = item.rate("fsx", f"openzfs/{zones}/throughput")
    yield item.fixed("Throughput capacity", "MBps", item.number("throughput_capacity"), throughput)
    yield item.fixed("SSD storage", "GB", size, item.rate("fsx", f"openzfs/{zones}/ssd"))
    iops = _iops(item, size)
    if iops != 0:
        yield item.fixed("Provisioned IOPS", "IOPS", iops, item.rate("fsx", f"openzfs/{zones}/iops"))
    if item.number("automatic_backup_retention_days", 0) != 0:
        yield from BACKUP.components(item)


def _iops(item: Item, size: Decimal | None) -> Decimal | None:
    """The IOPS over what the storage includes; none, where the file system chooses them itself."""
    disks = item.block("disk_iops_configuration")
    if disks.word("mode", "AUTOMATIC") != "USER_PROVISIONED":
        return Decimal(0)
    iops = disks.number("iops")
    return None if iops is None or size is None else max(iops - INCLUDED_IOPS * size, Decimal(0))

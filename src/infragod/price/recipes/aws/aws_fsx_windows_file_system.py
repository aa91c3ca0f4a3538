"""aws_fsx_windows_file_system: storage by kind and deployment, throughput, backups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use
from infragod.resource import Component

BACKUP: Final = Use("Backup storage", "GB", "backup_storage_gb", "fsx", "windows/backup")
INCLUDED_IOPS: Final = 3  # a GB of SSD
DIMENSIONS: Final = (
    Dimension("SSD storage", "GB"),
    Dimension("HDD storage", "GB"),
    Dimension("Throughput capacity", "MBps"),
    Dimension("Provisioned IOPS", "IOPS"),
    BACKUP.dimension,
)


def price(item: Item) -> Iterator[Component]:
    """The components of one file system."""
    zones = "multi-az" if item.word("deployment_type", "SINGLE_AZ_1").startswith("MULTI") else "single-az"
    kind = item.word("storage_type", "SSD")
    size = item.number("storage_capacity")
    yield item.fixed(f"{kind} storage", "GB", size, item.rate("fsx", f"windows/{zones}/{kind.lower()}"))
    throughput = item.rate("fsx", f"windows/{zones}/throughput")
    yield item.fixed("Throughput capacity", "MBps", item.number("throughput_capacity"), throughput)
    disks = item.block("disk_iops_configuration")
    if disks.word("mode") == "USER_PROVISIONED" and size is not None:
        iops = disks.number("iops")
        more = None if iops is None else max(iops - INCLUDED_IOPS * size, iops * 0)
        if more != 0:
            yield item.fixed("Provisioned IOPS", "IOPS", more, item.rate("fsx", f"windows/{zones}/iops"))
    if item.number("automatic_backup_retention_days", 7) != 0:
        yield from BACKUP.components(item)

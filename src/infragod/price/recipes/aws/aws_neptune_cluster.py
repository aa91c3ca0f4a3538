"""aws_neptune_cluster: storage, I/O and backups as used; its instances are resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

STORAGE: Final = Use("Storage", "GB", "storage_gb", "neptune", "storage")
OPTIMISED: Final = Use("Storage (I/O-optimized)", "GB", "storage_gb", "neptune", "storage/io-optimized")
REQUESTS: Final = Use("I/O requests", "1M requests", "monthly_io_requests", "neptune", "storage/io", per=10**6)
BACKUP: Final = Use("Backup storage", "GB", "backup_storage_gb", "neptune", "backup")
DIMENSIONS: Final = dimensions(STORAGE, OPTIMISED, REQUESTS, BACKUP)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster; a backup of one day is free."""
    yield from components(item, (OPTIMISED,) if item.word("storage_type") == "iopt1" else (STORAGE, REQUESTS))
    days = item.number("backup_retention_period", 1)
    if days is None or days > 1:
        yield from BACKUP.components(item)

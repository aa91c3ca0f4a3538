"""aws_docdb_cluster: backups, storage and I/O as used; its instances are resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Storage", "GB", "storage_gb", "docdb", "storage", extra=True),
    Use("I/O requests", "1M requests", "monthly_io_requests", "docdb", "storage/io", per=10**6, extra=True),
    Use("Backup storage", "GB", "backup_storage_gb", "docdb", "backup"),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster or snapshot."""
    yield from components(item, LINES)

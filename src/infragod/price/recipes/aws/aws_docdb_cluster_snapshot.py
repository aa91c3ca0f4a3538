"""aws_docdb_cluster_snapshot: its gigabytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Backup storage", "GB", "backup_storage_gb", "docdb", "backup"),)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The storage of one snapshot."""
    yield from components(item, LINES)

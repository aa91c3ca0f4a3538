"""google_compute_snapshot: GB kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import locate_or_home
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Storage", "GB", "storage_gb", "compute", "snapshot"),)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What one snapshot keeps: less than its disk, since only blocks in use are kept."""
    locate_or_home(item)
    yield from components(item, LINES)

"""google_compute_machine_image: GB kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import locate_or_home
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Storage", "GB", "storage_gb", "compute", "machine-image"),)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What one machine image keeps of its machine's disks."""
    locate_or_home(item)
    yield from components(item, LINES)

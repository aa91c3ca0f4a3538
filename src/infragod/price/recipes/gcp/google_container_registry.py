"""google_container_registry: GB kept and operations, as of the bucket that it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.google_storage_bucket import OPERATIONS
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Storage (standard)", "GiB", "storage_gb", "storage", "standard/gb"), *OPERATIONS)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one registry; it is in a multi-region, the US where it names none."""
    item.region = item.word("location", "US").lower()
    yield from components(item, LINES)

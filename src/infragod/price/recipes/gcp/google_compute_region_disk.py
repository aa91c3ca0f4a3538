"""google_compute_region_disk: GB by type, kept in two zones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp import disks
from infragod.price.recipes.gcp.google_compute_disk import size_of
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DIMENSIONS: Final = (disks.DIMENSIONS[0],)


def price(item: Item) -> Iterator[Component]:
    """The storage of one regional disk."""
    locate(item)
    kind = item.text("type", "pd-standard")
    yield disks.disk(item, kind, size_of(item, str(kind)), key="region-disk")

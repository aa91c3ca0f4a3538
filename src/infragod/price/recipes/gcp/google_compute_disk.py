"""google_compute_disk: GB by type, IOPS of the extreme types."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from infragod.price.item import Attributes, Item
from infragod.price.recipes.gcp.disks import DEFAULT_SIZES, DIMENSIONS, disk, provisioned_iops
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

__all__ = ["DIMENSIONS", "price"]


def price(item: Item) -> Iterator[Component]:
    """The components of one disk; without a size it is as large as its image or snapshot, or its type's default."""
    locate(item)
    kind = item.text("type", "pd-standard")
    yield disk(item, kind, _size(item, str(kind)))
    yield from provisioned_iops(item, kind)


def _size(item: Item, kind: str) -> Decimal | None:
    own = item.value("size")
    if own is not None and item.number("size") is not None:
        return item.number("size")
    for source in (*item.joined("image", "google_compute_image"), *item.joined("snapshot", "google_compute_snapshot")):
        size = _first(source, "disk_size_gb", "snapshot_size_gb")
        if size is not None:
            return size
    return item.number("size", DEFAULT_SIZES.get(kind, 10))


def _first(source: Attributes, *names: str) -> Decimal | None:
    return next((number for name in names if (number := source.number(name)) is not None), None)

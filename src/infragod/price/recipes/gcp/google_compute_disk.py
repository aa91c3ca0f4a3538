"""google_compute_disk: GB by type, IOPS of the extreme types."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from infragod.price.item import Item, Linked
from infragod.price.recipes.gcp.disks import DEFAULT_SIZES, DIMENSIONS, disk, provisioned_iops
from infragod.price.recipes.gcp.place import locate
from infragod.resource import UNKNOWN, Component

__all__ = ["DIMENSIONS", "price"]
IMAGES = ("google_compute_image",)
SNAPSHOTS = ("google_compute_snapshot", "google_compute_region_disk_snapshot")
DISKS = ("google_compute_disk", "google_compute_region_disk")
SOURCES = (
    ("image", IMAGES),
    ("snapshot", SNAPSHOTS),
    ("source_image", IMAGES),
    ("source_snapshot", SNAPSHOTS),
    ("source_disk", DISKS),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one disk; without a size it is as large as its image or snapshot, or its type's default."""
    locate(item)
    kind = item.text("type", "pd-standard")
    yield disk(item, kind, size_of(item, str(kind)))
    yield from provisioned_iops(item, kind)


def size_of(item: Item, kind: str) -> Decimal | None:
    """The size of a disk: its own, its source's, or its type's default."""
    own = item.number("size")
    if own is not None or (item.value("size") is UNKNOWN and not item.is_open("size")):
        return own
    return size_of_source(item) or item.number("size", DEFAULT_SIZES.get(kind, 10))


def size_of_source(made: Linked, depth: int = 5) -> Decimal | None:
    """The size of what a disk, image or snapshot is made of, followed through images, snapshots and disks."""
    if depth:
        for attribute, kinds in SOURCES:
            for source in made.joined(attribute, *kinds):
                size = source.number("disk_size_gb") or source.number("size")
                return size or size_of_source(source, depth - 1)
    return None

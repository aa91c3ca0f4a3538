"""aws_ebs_volume: GB by type, IOPS and throughput above the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from infragod.price.item import Item
from infragod.price.recipes.aws.volumes import DIMENSIONS, volume
from infragod.resource import UNKNOWN, Component

__all__ = ["DIMENSIONS", "price"]


def price(item: Item) -> Iterator[Component]:
    """The components of one volume; without a size it is as large as its snapshot's volume."""
    yield from volume(item, item, size=_size(item), own=True, kind="type")


def _size(item: Item) -> Decimal | None:
    value = item.value("size")
    if value is not None and value is not UNKNOWN:
        return item.number("size")
    for snapshot in item.joined("snapshot_id", "aws_ebs_snapshot"):
        for source in snapshot.joined("sourceid", "aws_ebs_volume"):
            return source.number("size")
    return None

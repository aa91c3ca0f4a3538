"""Persistent disks and Hyperdisks: what disks, instances and node pools share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.aws.volumes import above, times
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

NAMES: Final = {
    "pd-standard": "Standard provisioned storage",
    "pd-balanced": "Balanced provisioned storage",
    "pd-ssd": "SSD provisioned storage",
    "pd-extreme": "Extreme provisioned storage",
    "hyperdisk-extreme": "Hyperdisk provisioned storage",
    "hyperdisk-balanced": "Hyperdisk provisioned storage",
    "hyperdisk-throughput": "Hyperdisk provisioned storage",
    "hyperdisk-ml": "Hyperdisk provisioned storage",
}
DEFAULT_SIZES: Final = {
    "pd-standard": 500,
    "pd-balanced": 100,
    "pd-ssd": 100,
    "pd-extreme": 1000,
    "hyperdisk-extreme": 1000,
    "hyperdisk-balanced": 100,
    "hyperdisk-throughput": 2048,
}
DEFAULT_IOPS: Final = {"pd-extreme": 100_000, "hyperdisk-extreme": 350_000}
INCLUDED: Final = (
    ("Provisioned IOPS", "IOPS", "provisioned_iops", 3000),
    ("Provisioned throughput", "MBps", "provisioned_throughput", 140),
)
BY_THROUGHPUT: Final = frozenset({"hyperdisk-throughput", "hyperdisk-ml"})
DIMENSIONS: Final = (
    Dimension("<Type> provisioned storage", "GB"),
    Dimension("Provisioned IOPS", "IOPS"),
    Dimension("Provisioned throughput", "MBps"),
)


def disk(
    item: Item,
    kind: object,
    size: Decimal | None,
    count: Decimal | int | None = 1,
    prefix: str = "",
    *,
    key: str = "disk",
) -> Component:
    """The storage of `count` disks of a type; regional ones have prices of their own."""
    text = str(kind).rpartition("/")[2] if isinstance(kind, str) else "type known after apply"
    rate = item.rate("compute", f"{key}/{text}" if isinstance(kind, str) else None)
    return item.fixed(f"{prefix}{NAMES.get(text, 'Provisioned storage')} ({text})", "GB", times(size, count), rate)


def provisioned_iops(item: Item, kind: object) -> Iterator[Component]:
    """The IOPS and the throughput of the types that bill them, above what Hyperdisk Balanced includes."""
    if kind == "hyperdisk-balanced":
        yield from _above(item)
    elif kind in BY_THROUGHPUT:
        throughput = item.number("provisioned_throughput")
        yield item.fixed("Provisioned throughput", "MBps", throughput, item.rate("compute", f"disk/{kind}/throughput"))
    if isinstance(kind, str) and kind in DEFAULT_IOPS:
        iops = item.number("provisioned_iops", DEFAULT_IOPS[kind])
        yield item.fixed("Provisioned IOPS", "IOPS", iops, item.rate("compute", f"disk/{kind}/iops"))


def _above(item: Item) -> Iterator[Component]:
    for name, unit, attribute, included in INCLUDED:
        further = above(item.number(attribute, included), Decimal(included))
        if further != 0:
            rate = item.rate("compute", f"disk/hyperdisk-balanced/{unit.lower().replace('mbps', 'throughput')}")
            yield item.fixed(name, unit, further, rate)

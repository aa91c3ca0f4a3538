"""Persistent disks and Hyperdisks: what disks, instances and node pools share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.aws.volumes import times
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
DIMENSIONS: Final = (Dimension("<Type> provisioned storage", "GB"), Dimension("Provisioned IOPS", "IOPS"))


def disk(
    item: Item, kind: object, size: Decimal | None, count: Decimal | int | None = 1, prefix: str = ""
) -> Component:
    """The storage of `count` disks of a type."""
    text = str(kind).rpartition("/")[2] if isinstance(kind, str) else "type known after apply"
    rate = item.rate("compute", f"disk/{text}" if isinstance(kind, str) else None)
    return item.fixed(f"{prefix}{NAMES.get(text, 'Provisioned storage')} ({text})", "GB", times(size, count), rate)


def provisioned_iops(item: Item, kind: object) -> Iterator[Component]:
    """The IOPS of the types that bill them."""
    if isinstance(kind, str) and kind in DEFAULT_IOPS:
        iops = item.number("provisioned_iops", DEFAULT_IOPS[kind])
        yield item.fixed("Provisioned IOPS", "IOPS", iops, item.rate("compute", f"disk/{kind}/iops"))

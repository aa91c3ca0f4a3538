"""EBS volumes: the arithmetic that instances, node groups and volumes share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Attributes, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

NAMES: Final = {
    "gp2": "general purpose SSD, gp2",
    "gp3": "general purpose SSD, gp3",
    "io1": "provisioned IOPS SSD, io1",
    "io2": "provisioned IOPS SSD, io2",
    "st1": "throughput optimized HDD, st1",
    "sc1": "cold HDD, sc1",
    "standard": "magnetic",
}
GP3_IOPS: Final = Decimal(3000)
GP3_THROUGHPUT: Final = Decimal(125)
DEFAULT_IOPS: Final = 100
DEFAULT_SIZE: Final = 8
IO2_TIERS: Final = ((Decimal(32000), "io2/iops"), (Decimal(64000), "io2/iops-32000"), (None, "io2/iops-64000"))
REQUESTS: Final = "monthly_standard_io_requests"

DIMENSIONS: Final = (
    Dimension("Storage", "GB"),
    Dimension("Provisioned IOPS", "IOPS"),
    Dimension("Provisioned throughput", "MBps"),
    Dimension("I/O requests", "1M request", (REQUESTS,)),
)


def volume(
    item: Item,
    block: Attributes,
    *,
    size: Decimal | None = None,
    own: bool = False,
    kind: str = "volume_type",
    prefix: str = "",
    count: Decimal | int | None = 1,
) -> Iterator[Component]:
    """The components of `count` volumes as `block` describes them; with `own`, `size` is their size (None: unknown)."""
    name = block.text(kind, "gp2")
    text = name if isinstance(name, str) else "type known after apply"
    gigabytes = times(size, count) if own else times(block.number("volume_size", DEFAULT_SIZE), count)
    yield item.fixed(f"{prefix}Storage ({NAMES.get(text, text)})", "GB", gigabytes, item.rate("ebs", name))
    if text == "gp3":
        yield from _above(item, block, prefix, count)
    elif text == "io1":
        iops = times(block.number("iops", DEFAULT_IOPS), count)
        yield item.fixed(f"{prefix}Provisioned IOPS", "IOPS", iops, item.rate("ebs", "io1/iops"))
    elif text == "io2":
        yield from _io2(item, block.number("iops", DEFAULT_IOPS), prefix, count)
    elif text == "standard":
        yield item.used(
            f"{prefix}I/O requests", "1M request", REQUESTS, item.rate("ebs", "standard/requests"), per=10**6
        )


def _above(item: Item, block: Attributes, prefix: str, count: Decimal | int | None) -> Iterator[Component]:
    """What a gp3 volume costs above its baseline; nothing where it stays within."""
    throughput = above(block.number("throughput", 125), GP3_THROUGHPUT)
    if throughput != 0:
        rate = item.rate("ebs", "gp3/throughput")
        yield item.fixed(f"{prefix}Provisioned throughput", "MBps", times(throughput, count), rate)
    iops = above(block.number("iops", 3000), GP3_IOPS)
    if iops != 0:
        yield item.fixed(f"{prefix}Provisioned IOPS", "IOPS", times(iops, count), item.rate("ebs", "gp3/iops"))


def _io2(item: Item, iops: Decimal | None, prefix: str, count: Decimal | int | None) -> Iterator[Component]:
    """io2's IOPS in their tiers, each volume for itself."""
    low = Decimal(0)
    for upto, key in IO2_TIERS:
        if iops is not None and low and iops <= low:
            return
        part = None if iops is None else (iops if upto is None else min(iops, upto)) - low
        suffix = f" (over {low:,})" if low else ""
        yield item.fixed(f"{prefix}Provisioned IOPS{suffix}", "IOPS", times(part, count), item.rate("ebs", key))
        if upto is None or iops is None:
            return
        low = upto


def above(value: Decimal | None, baseline: Decimal) -> Decimal | None:
    """What of a value is over the baseline that the price includes."""
    return None if value is None else max(value - baseline, Decimal(0))


def times(value: Decimal | None, count: Decimal | int | None) -> Decimal | None:
    """A product in which an unknown factor makes an unknown."""
    return None if value is None or count is None else value * count

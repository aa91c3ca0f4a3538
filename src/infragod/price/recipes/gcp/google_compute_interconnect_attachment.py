"""google_compute_interconnect_attachment: hours of a VLAN attachment by its capacity; data that leaves by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import UNKNOWN, Component

OUT: Final = "monthly_egress_data_gb"
DEFAULT: Final = "BPS_10G"
DIMENSIONS: Final = (
    Dimension("VLAN attachment (<type>, <capacity>)", "hours"),
    Dimension("Outbound data transfer", "GB", (OUT,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one attachment."""
    locate(item)
    kind = item.word("type", "DEDICATED").lower()
    capacity = item.text("bandwidth", DEFAULT)
    shown = capacity.removeprefix("BPS_") if isinstance(capacity, str) else AFTER_APPLY
    rate = item.rate("interconnect", f"{kind}/{shown.lower()}" if isinstance(capacity, str) else UNKNOWN)
    yield item.hours(f"VLAN attachment ({kind}, {shown})", rate)
    yield item.used("Outbound data transfer", "GB", OUT, item.rate("interconnect", "egress"))

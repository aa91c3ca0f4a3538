"""aws_dx_connection: port hours by bandwidth; data that leaves by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

OUT: Final = "monthly_outbound_region_to_dx_location_gb"
DIMENSIONS: Final = (
    Dimension("DX connection (<bandwidth>)", "hours"),
    Dimension("Outbound data transfer", "GB", (OUT,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one dedicated connection."""
    bandwidth = item.text("bandwidth")
    known = isinstance(bandwidth, str)
    rate = item.rate("directconnect", f"port/{bandwidth}" if known else UNKNOWN)
    yield item.hours(f"DX connection ({bandwidth if known else AFTER_APPLY})", rate)
    yield item.used("Outbound data transfer", "GB", OUT, item.rate("directconnect", "out"))

"""aws_ec2_transit_gateway_vpc_attachment: hours, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

PROCESSED: Final = "monthly_data_processed_gb"
DIMENSIONS: Final = (
    Dimension("Transit gateway attachment", "hours"),
    Dimension("Data processed", "GB", (PROCESSED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one attachment."""
    yield item.hours("Transit gateway attachment", item.rate("vpc", "transit-gateway/hours"))
    yield item.used("Data processed", "GB", PROCESSED, item.rate("vpc", "transit-gateway/gb"))

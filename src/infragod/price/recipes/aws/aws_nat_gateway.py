"""aws_nat_gateway: hours, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

PROCESSED: Final = "monthly_data_processed_gb"
DIMENSIONS: Final = (Dimension("NAT gateway", "hours"), Dimension("Data processed", "GB", (PROCESSED,)))


def price(item: Item) -> Iterator[Component]:
    """The components of one gateway; a private one costs the same."""
    yield item.hours("NAT gateway", item.rate("vpc", "nat-gateway/hours"))
    yield item.used("Data processed", "GB", PROCESSED, item.rate("vpc", "nat-gateway/gb"))

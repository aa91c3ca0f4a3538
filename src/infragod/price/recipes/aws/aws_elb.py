"""aws_elb: hours of a classic load balancer, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

PROCESSED: Final = "monthly_data_processed_gb"
DIMENSIONS: Final = (Dimension("Classic load balancer", "hours"), Dimension("Data processed", "GB", (PROCESSED,)))


def price(item: Item) -> Iterator[Component]:
    """The components of one load balancer."""
    yield item.hours("Classic load balancer", item.rate("elb", "classic/hours"))
    yield item.used("Data processed", "GB", PROCESSED, item.rate("elb", "classic/gb"))

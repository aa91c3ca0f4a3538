"""aws_networkfirewall_firewall: an endpoint in each of its subnets by the hour, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

PROCESSED: Final = "monthly_data_processed_gb"
DIMENSIONS: Final = (
    Dimension("Network Firewall Endpoint", "hours"),
    Dimension("Data Processed", "GB", (PROCESSED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one firewall."""
    subnets = len(item.blocks("subnet_mapping"))
    rate = item.rate("networkfirewall", "endpoint/hours")
    yield item.hours("Network Firewall Endpoint", rate, subnets or None)
    yield item.used("Data Processed", "GB", PROCESSED, item.rate("networkfirewall", "gb"))

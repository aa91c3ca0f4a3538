"""aws_ec2_client_vpn_endpoint: hours of client connections; its associations with networks are resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

CONNECTIONS: Final = "monthly_connection_hours"
DIMENSIONS: Final = (Dimension("Connection", "hours", (CONNECTIONS,)),)


def price(item: Item) -> Iterator[Component]:
    """The hours of the clients."""
    rate = item.rate("vpc", "client-vpn/connection")
    yield item.assumed("Connection", "hours", CONNECTIONS, HOURS, rate, "one connection all month")

"""aws_ec2_client_vpn_network_association: hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Endpoint association", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one association."""
    yield item.hours("Endpoint association", item.rate("vpc", "client-vpn/association"))

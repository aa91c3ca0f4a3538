"""aws_ec2_transit_gateway_peering_attachment: hours; its data is billed to the gateway that sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Transit gateway attachment", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one attachment."""
    yield item.hours("Transit gateway attachment", item.rate("vpc", "transit-gateway/hours"))

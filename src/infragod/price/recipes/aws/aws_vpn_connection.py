"""aws_vpn_connection: hours; on a transit gateway also those of the attachment, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.aws import aws_ec2_transit_gateway_vpc_attachment as attachment
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("VPN connection", "hours"), *attachment.DIMENSIONS)


def price(item: Item) -> Iterator[Component]:
    """The components of one connection."""
    yield item.hours("VPN connection", item.rate("vpc", "vpn-connection/hours"))
    if item.is_referring("transit_gateway_id") or item.word("transit_gateway_id"):
        yield from attachment.price(item)

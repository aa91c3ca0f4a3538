"""aws_dx_gateway_association: an attachment to a transit gateway, and its data; to a private gateway it is free."""

from __future__ import annotations

from collections.abc import Iterator

from infragod.price.item import Item
from infragod.price.recipes.aws import aws_ec2_transit_gateway_vpc_attachment as attachment
from infragod.price.recipes.aws.aws_ec2_transit_gateway_vpc_attachment import DIMENSIONS
from infragod.resource import Component

__all__ = ["DIMENSIONS", "price"]


def price(item: Item) -> Iterator[Component]:
    """The components of one association."""
    if not item.joined("associated_gateway_id", "aws_vpn_gateway"):
        yield from attachment.price(item)

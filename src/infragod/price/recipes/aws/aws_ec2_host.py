"""aws_ec2_host: hours of a dedicated host by the family that it runs; instances on it cost nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.aws.compute import RESERVED, reservation
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

DIMENSIONS: Final = (Dimension("EC2 Dedicated Host (<purchase option>, <family>)", "hours", RESERVED),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one host."""
    option = reservation(item)
    family = item.text("instance_family") or item.text("instance_type")
    known = isinstance(family, str)
    name = str(family).partition(".")[0] if known else AFTER_APPLY
    rate = item.rate("ec2", f"host/{name}" if known else UNKNOWN, option)
    yield item.hours(f"EC2 Dedicated Host ({option.partition('/')[0]}, {name})", rate)

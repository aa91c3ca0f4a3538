"""aws_ec2_traffic_mirror_session: hours of the mirrored interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Traffic mirror", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one session."""
    yield item.hours("Traffic mirror", item.rate("vpc", "traffic-mirror"))

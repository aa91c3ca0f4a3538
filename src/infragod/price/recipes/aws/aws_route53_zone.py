"""aws_route53_zone: one hosted zone a month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Hosted zone", "months"),)


def price(item: Item) -> Iterator[Component]:
    """The month of one zone."""
    yield item.fixed("Hosted zone", "months", 1, item.global_rate("route53", "zone"))

"""aws_eip: every public IPv4 address by the hour, used or not (since February 2024)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Public IPv4 address", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one address; one from an own pool of addresses costs nothing."""
    if item.word("public_ipv4_pool", "amazon") in ("", "amazon"):
        yield item.hours("Public IPv4 address", item.rate("vpc", "public-ipv4"))

"""aws_globalaccelerator_accelerator: the fixed fee; what goes through it is billed by GB and path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Fixed fee", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one accelerator, billed also while it is disabled."""
    yield item.hours("Fixed fee", item.global_rate("globalaccelerator", "accelerator"))

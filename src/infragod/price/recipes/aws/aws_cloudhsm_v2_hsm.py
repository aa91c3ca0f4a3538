"""aws_cloudhsm_v2_hsm: hours of the module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("HSM usage", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one module."""
    yield item.hours("HSM usage", item.rate("cloudhsm", "hsm"))

"""aws_kms_external_key: one key a month; its requests are those of a symmetric key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Customer master key", "months"),)


def price(item: Item) -> Iterator[Component]:
    """The fee of one key."""
    yield item.fixed("Customer master key", "months", 1, item.rate("kms", "key"))

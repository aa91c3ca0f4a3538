"""aws_ecr_repository: GB stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

STORAGE: Final = "storage_gb"
DIMENSIONS: Final = (Dimension("Storage", "GB", (STORAGE,)),)


def price(item: Item) -> Iterator[Component]:
    """The storage of one repository."""
    yield item.used("Storage", "GB", STORAGE, item.rate("ecr", "storage"))

"""google_dns_managed_zone: the month of a zone; queries are billed by the records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Managed zone", "months"),)


def price(item: Item) -> Iterator[Component]:
    """One zone, at the price of a project's first 25."""
    yield item.fixed("Managed zone", "months", 1, item.global_rate("dns", "zone"))

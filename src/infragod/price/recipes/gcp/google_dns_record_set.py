"""google_dns_record_set: queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Queries", "1M queries", "monthly_queries", "dns", "queries", per=10**6, everywhere=True),)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The queries of one name."""
    yield from components(item, LINES)

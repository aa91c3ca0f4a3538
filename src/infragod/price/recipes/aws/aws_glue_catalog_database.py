"""aws_glue_catalog_database: objects stored and requests over the first million, which are free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

MILLION: Final = 10**6
LINES: Final = (
    Use("Storage", "100k objects", "monthly_objects", "glue", "catalog/objects", per=10**5, free=MILLION),
    Use("Requests", "1M requests", "monthly_requests", "glue", "catalog/requests", per=MILLION, free=MILLION),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one database."""
    yield from components(item, LINES)

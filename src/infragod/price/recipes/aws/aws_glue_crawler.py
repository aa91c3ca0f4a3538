"""aws_glue_crawler: hours of crawling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Duration", "hours", "monthly_hours", "glue", "crawler"),)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The hours of one crawler."""
    yield from components(item, LINES)

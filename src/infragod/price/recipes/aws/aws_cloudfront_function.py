"""aws_cloudfront_function: invocations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use(
        "Total number of invocations",
        "1M invocations",
        "monthly_requests",
        "cloudfront",
        "function",
        per=10**6,
        everywhere=True,
    ),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The invocations of one function."""
    yield from components(item, LINES)

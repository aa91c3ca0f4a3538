"""aws_sns_topic_subscription: deliveries by HTTP; to queues and functions they are free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

HTTP: Final = ("http", "https")
LINES: Final = (
    Use("HTTP notifications", "1M notifications", "monthly_requests", "sns", "subscription/http", per=10**6),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The deliveries of one subscription."""
    if item.word("protocol") in HTTP:
        yield from components(item, LINES)

"""aws_s3_bucket_analytics_configuration: objects monitored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Objects monitored", "1M objects", "monthly_monitored_objects", "s3", "analytics/objects", per=10**6),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The objects of one configuration."""
    yield from components(item, LINES)

"""Log buckets and sinks of projects, folders, organisations and billing accounts: GB taken in, and kept for long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Logging data", "GB", "monthly_logging_data_gb", "logging", "data", everywhere=True),
    Use(
        "Log retention over 30 days",
        "GB",
        "monthly_retained_data_gb",
        "logging",
        "retained",
        extra=True,
        everywhere=True,
    ),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What one bucket or sink takes in."""
    yield from components(item, LINES)

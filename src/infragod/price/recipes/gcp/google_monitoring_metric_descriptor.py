"""google_monitoring_metric_descriptor: MB of samples taken in, in tiers; calls that read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

TIERS: Final = ((100_000, "first 100K"), (250_000, "next 150K"), (None, "over 250K"))
LINES: Final = (
    Use(
        "Monitoring data",
        "MB",
        "monthly_monitoring_data_mb",
        "monitoring",
        "data",
        tiers=TIERS,
        everywhere=True,
    ),
    Use("API calls", "1k calls", "monthly_api_calls", "monitoring", "calls", per=1000, extra=True, everywhere=True),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What one metric takes in."""
    yield from components(item, LINES)

"""aws_cloudtrail: further copies of management events, data events, insights; the first copy in a region is free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

EVENTS: Final = 10**5
MANAGEMENT: Final = Use(
    "Management events (additional copies)",
    "100k events",
    "monthly_additional_management_events",
    "cloudtrail",
    "management",
    per=EVENTS,
)
DATA: Final = Use("Data events", "100k events", "monthly_data_events", "cloudtrail", "data", per=EVENTS)
INSIGHTS: Final = Use("Insight events", "100k events", "monthly_insight_events", "cloudtrail", "insights", per=EVENTS)
DIMENSIONS: Final = dimensions(MANAGEMENT, DATA, INSIGHTS)


def price(item: Item) -> Iterator[Component]:
    """The events of one trail; insights where the trail asks for them."""
    lines = [DATA]
    if item.flag("include_global_service_events", default=True):
        lines.insert(0, MANAGEMENT)
    if item.blocks("insight_selector"):
        lines.append(INSIGHTS)
    yield from components(item, lines)

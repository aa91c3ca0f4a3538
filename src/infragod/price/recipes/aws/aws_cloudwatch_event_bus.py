"""aws_cloudwatch_event_bus: events published, archives, discovery of schemas; AWS's own events are free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

MILLION: Final = 10**6
LINES: Final = (
    Use("Custom events published", "1M events", "monthly_custom_events", "events", "custom", per=MILLION),
    Use("Third-party events published", "1M events", "monthly_third_party_events", "events", "partner", per=MILLION),
    Use("Archive processing", "GB", "monthly_archive_processing_gb", "events", "archive/processing"),
    Use("Archive storage", "GB", "archive_storage_gb", "events", "archive/storage"),
    Use("Schema discovery", "1M events", "monthly_schema_discovery_events", "events", "schema-discovery", per=MILLION),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one bus."""
    yield from components(item, LINES)

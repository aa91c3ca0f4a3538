"""google_pubsub_topic: what is put into it, and how long it keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Message ingestion data", "TiB", "monthly_message_data_tb", "pubsub", "ingested", everywhere=True),
    Use("Retained message storage", "GiB", "storage_gb", "pubsub", "retained", extra=True, everywhere=True),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What goes into one topic."""
    yield from components(item, LINES)

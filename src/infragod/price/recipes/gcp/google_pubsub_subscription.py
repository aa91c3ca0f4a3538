"""google_pubsub_subscription: what it delivers, and what it keeps of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Message delivery data", "TiB", "monthly_message_data_tb", "pubsub", "delivered", everywhere=True),
    Use(
        "Retained acknowledged message storage", "GiB", "storage_gb", "pubsub", "retained", extra=True, everywhere=True
    ),
    Use(
        "Snapshot message backlog storage",
        "GiB",
        "snapshot_storage_gb",
        "pubsub",
        "snapshot",
        extra=True,
        everywhere=True,
    ),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What goes through one subscription."""
    yield from components(item, LINES)

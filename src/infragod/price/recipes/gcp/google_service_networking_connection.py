"""google_service_networking_connection: what leaves over the peering, by where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp import egress
from infragod.price.recipes.gcp.place import locate_or_home
from infragod.price.recipes.used import components, dimensions
from infragod.resource import Component

LINES: Final = egress.lines("Traffic")
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What one peering carries."""
    locate_or_home(item)
    yield from components(item, LINES)

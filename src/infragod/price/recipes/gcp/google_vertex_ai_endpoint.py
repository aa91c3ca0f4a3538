"""google_vertex_ai_endpoint: hours of the machines that models are deployed on; the endpoint says none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import locate
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Nodes", "node-hours", "monthly_node_hours", "vertex", "node/hours"),)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The nodes of one endpoint."""
    locate(item)
    yield from components(item, LINES)

"""google_compute_vpn_gateway, google_compute_ha_vpn_gateway: what leaves through their tunnels, by where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp import egress
from infragod.price.recipes.gcp.place import locate
from infragod.price.recipes.used import components, dimensions
from infragod.resource import Component

LINES: Final = egress.lines("IPSec traffic")
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What the tunnels of one gateway carry; the tunnels' hours are their own."""
    locate(item)
    yield from components(item, LINES)

"""google_compute_vpn_tunnel: hours; what goes through it is billed as traffic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("VPN Tunnel", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one tunnel."""
    locate(item)
    yield item.hours("VPN Tunnel", item.rate("vpn", "tunnel/hours"))

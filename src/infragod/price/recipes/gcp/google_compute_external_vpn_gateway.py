"""google_compute_external_vpn_gateway: what leaves for a gateway outside, by where that is, in tiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import locate_or_home
from infragod.price.recipes.used import TB, Use, components, dimensions
from infragod.resource import Component

TIERS: Final = ((TB, "first 1TB"), (10 * TB, "next 9TB"), (None, "over 10TB"))
PLACES: Final = (
    ("worldwide excluding China, Australia but including Hong Kong", "worldwide"),
    ("China excluding Hong Kong", "china"),
    ("Australia", "australia"),
)
LINES: Final = tuple(
    Use(
        f"IPSec traffic to {text}",
        "GB",
        f"monthly_egress_{key}_gb",
        "egress",
        f"internet/{key}",
        tiers=TIERS,
        extra=key != "worldwide",
    )
    for text, key in PLACES
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What goes to one gateway."""
    locate_or_home(item)
    yield from components(item, LINES)

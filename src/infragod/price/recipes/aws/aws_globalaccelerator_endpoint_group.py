"""aws_globalaccelerator_endpoint_group: the premium for transfer by area; the fee is the accelerator's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

AREAS: Final = {
    "us": "US, Mexico, Canada",
    "europe": "Europe",
    "south_africa": "South Africa, Kenya",
    "south_america": "South America",
    "south_korea": "South Korea",
    "australia": "Australia, New Zealand",
    "asia_pacific": "Asia Pacific",
    "middle_east": "Middle East",
    "india": "India, Indonesia, Philippines, Thailand",
}
LINES: Final = tuple(
    Use(
        f"{name}/{way.title()} DT-premium fee",
        "GB",
        f"monthly_{way}_data_transfer_gb_{key}",
        "globalaccelerator",
        f"premium/{way}/{key}",
        extra=(way, key) != ("outbound", "us"),
    )
    for key, name in AREAS.items()
    for way in ("inbound", "outbound")
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The transfer of one group, in the direction that has more of it."""
    item.region = item.word("endpoint_group_region") or item.region
    yield from components(item, LINES)

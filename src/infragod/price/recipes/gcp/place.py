"""Where a Google Cloud resource is: zones and regions."""

from __future__ import annotations

import re
from typing import Final

from infragod.price.item import Attributes, Item

ZONE: Final = re.compile(r"(?:.*/)?([a-z]+-[a-z]+\d+)-[a-z]")
REGION: Final = re.compile(r"(?:.*/)?([a-z]+-[a-z]+\d+)")
ZONES_OF_A_REGION: Final = 3
HOME: Final = "us-central1"


def region_in(text: str) -> str | None:
    """`us-central1-a`, `…/zones/us-central1-a` and `us-central1` → `us-central1`."""
    match = ZONE.fullmatch(text) or REGION.fullmatch(text)
    return match[1] if match else None


def locate(item: Item, *sources: Attributes) -> None:
    """Set the item's region by what the resource itself says (`zone`, `location`, `region`), or what it belongs to."""
    for attributes in (item, *sources):
        for name in ("zone", "location", "region"):
            region = region_in(attributes.word(name))
            if region is not None:
                item.region = region
                return


def locate_or_home(item: Item, *sources: Attributes) -> None:
    """As `locate`; a resource of a type without regions is billed at what the home region's price list says."""
    locate(item, *sources)
    if item.region is None and item.resource.region_known:
        item.region = HOME


def place_of(attributes: Attributes) -> str:
    """The zone or region that a resource names; empty where it is left to the provider, which has a region."""
    return attributes.word("location") or attributes.word("zone") or attributes.word("region")


def zones(location: str, named: list[str]) -> int:
    """In how many zones a cluster's or pool's nodes are: those named, one for a zone, three for a region."""
    if ZONE.fullmatch(location):
        return len({location.rpartition("/")[2], *named})
    return len(set(named)) or ZONES_OF_A_REGION


def names(attributes: Attributes, name: str) -> list[str]:
    """A list of names; none where it is left to the provider."""
    value = attributes.value(name)
    return [str(entry) for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

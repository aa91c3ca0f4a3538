"""google_bigquery_reservation: hours of its baseline slots by edition, and of those that scaling adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import region_in
from infragod.resource import UNKNOWN, Component

SCALED: Final = "monthly_autoscaled_slot_hours"
DIMENSIONS: Final = (
    Dimension("Baseline slots (<edition>)", "slot-hours"),
    Dimension("Autoscaled slots (<edition>)", "slot-hours", (SCALED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The slots of one reservation."""
    place = item.word("location").lower()
    item.region = region_in(place) or place or item.region
    edition = item.text("edition", "ENTERPRISE")
    shown = edition.lower().replace("_", " ") if isinstance(edition, str) else "edition known after apply"
    rate = item.rate("bigquery", f"slot/{edition.lower()}" if isinstance(edition, str) else UNKNOWN)
    slots = item.number("slot_capacity")
    if slots != 0:
        yield item.fixed(f"Baseline slots ({shown})", "slot-hours", times(slots, HOURS), rate)
    if item.block("autoscale") or slots == 0:
        yield item.used(f"Autoscaled slots ({shown})", "slot-hours", SCALED, rate)

"""google_spanner_instance: hours of its nodes (1,000 processing units are one) by edition and place; storage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Attributes, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import region_in
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import UNKNOWN, Component

UNITS_A_NODE: Final = Decimal(1000)
LINES: Final = (
    Use("Storage", "GB", "storage_gb", "spanner", "storage"),
    Use("Backup storage", "GB", "backup_storage_gb", "spanner", "backup", extra=True),
)
DIMENSIONS: Final = (Dimension("Nodes (<edition>)", "hours"), *dimensions(*LINES))


def price(item: Item) -> Iterator[Component]:
    """The components of one instance; a configuration of several regions is a place of its own."""
    place = item.text("config")
    name = place.rpartition("/")[2] if isinstance(place, str) else ""
    item.region = region_in(name.removeprefix("regional-")) or name or item.region
    edition = item.text("edition", "STANDARD")
    shown = edition.lower().replace("_", " ") if isinstance(edition, str) else "edition known after apply"
    rate = item.rate("spanner", f"node/{edition.lower()}" if isinstance(edition, str) else UNKNOWN)
    yield item.hours(f"Nodes ({shown})", rate, _nodes(item))
    yield from components(item, LINES)


def _nodes(item: Item) -> Decimal | None:
    """As many as are set, or the least that scaling keeps; an instance has one where nothing is said."""
    if item.value("processing_units") is not None and not item.is_open("processing_units"):
        return _in_nodes(item.number("processing_units"))
    limits = item.block("autoscaling_config").block("autoscaling_limits")
    if limits:
        return _least(limits)
    return item.number("num_nodes", 1)


def _least(limits: Attributes) -> Decimal | None:
    if limits.value("min_processing_units") is not None and not limits.is_open("min_processing_units"):
        return _in_nodes(limits.number("min_processing_units"))
    return limits.number("min_nodes")


def _in_nodes(units: Decimal | None) -> Decimal | None:
    return None if units is None else units / UNITS_A_NODE

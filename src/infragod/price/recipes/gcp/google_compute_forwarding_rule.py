"""google_compute_forwarding_rule, google_compute_global_forwarding_rule: hours, and GB that come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import HOME, locate
from infragod.resource import Component

INGRESS: Final = "monthly_ingress_data_gb"
FIRST: Final = "a project's first five share a minimum, which is not in this price"
DIMENSIONS: Final = (Dimension("Forwarding rules", "hours"), Dimension("Ingress data", "GB", (INGRESS,)))


def price(item: Item) -> Iterator[Component]:
    """The components of one rule."""
    locate(item)
    yield from _rule(item)


def price_global(item: Item) -> Iterator[Component]:
    """The components of one global rule, which costs what one of the home region does."""
    item.region = HOME
    yield from _rule(item)


def _rule(item: Item) -> Iterator[Component]:
    yield item.hours("Forwarding rules", item.rate("loadbalancer", "rule/hours"), note=FIRST)
    yield item.used("Ingress data", "GB", INGRESS, item.rate("loadbalancer", "rule/gb"))

"""google_compute_address, google_compute_global_address: external addresses, by the machine they are used on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.google_compute_instance import purchase_of
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("IP address (<unused, standard VM or preemptible VM>)", "hours"),)
BILLED_PURPOSES: Final = ("", "GCE_ENDPOINT")


def price(item: Item) -> Iterator[Component]:
    """The hours of one address; internal ones cost nothing."""
    locate(item)
    if item.word("address_type", "EXTERNAL") == "INTERNAL" or item.word("purpose") not in BILLED_PURPOSES:
        return
    users = item.users("google_compute_instance")
    use = "unused" if not users else "preemptible VM" if purchase_of(users[0]).spot else "standard VM"
    yield item.hours(f"IP address ({use})", item.rate("compute", f"address/{use.partition(' ')[0]}"))


def price_global(item: Item) -> Iterator[Component]:
    """The hours of one global address; a global address on a load balancer's rule is in the rule's price."""
    if item.word("address_type", "EXTERNAL") == "INTERNAL":
        return
    rate = item.rate("compute", "address/unused", region="us-central1")
    if not item.users("google_compute_global_forwarding_rule"):
        yield item.hours("IP address (unused)", rate)

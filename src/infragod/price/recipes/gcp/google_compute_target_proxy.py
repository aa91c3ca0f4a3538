"""Target proxies of load balancers (HTTP, HTTPS, SSL, TCP, gRPC): hours of proxy instances, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import locate_or_home
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Proxy instance", "hours", "monthly_proxy_instance_hours", "loadbalancer", "proxy/hours"),
    Use("Data processed", "GB", "monthly_data_processed_gb", "loadbalancer", "proxy/gb"),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """What goes through one proxy."""
    locate_or_home(item)
    yield from components(item, LINES)

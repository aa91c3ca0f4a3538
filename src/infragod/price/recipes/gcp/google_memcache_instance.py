"""google_memcache_instance: cores and memory of its nodes by the hour."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

MEGABYTES: Final = Decimal(1024)
DIMENSIONS: Final = (Dimension("vCPUs", "hours"), Dimension("Memory", "GB-hours"))


def price(item: Item) -> Iterator[Component]:
    """The components of one instance."""
    locate(item)
    node, nodes = item.block("node_config"), item.number("node_count")
    yield item.hours("vCPUs", item.rate("memcache", "vcpu"), times(node.number("cpu_count"), nodes))
    memory = times(node.number("memory_size_mb"), nodes)
    gigabytes = None if memory is None else memory / MEGABYTES
    yield item.fixed("Memory", "GB-hours", times(gigabytes, HOURS), item.rate("memcache", "memory"))

"""aws_elasticache_cluster: hours by node type and number of nodes, backups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.aws.cache import DIMENSIONS, backups, nodes
from infragod.resource import Component

__all__ = ["DIMENSIONS", "price"]
DEFAULT_NODES: Final = 1


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster; a member of a replication group is billed with its group."""
    if item.value("replication_group_id") is not None and item.value("engine") in (None, "redis", "valkey"):
        return
    engine = item.word("engine", "redis")
    yield nodes(item, engine, item.number("num_cache_nodes", DEFAULT_NODES))
    if engine != "memcached":
        yield from backups(item)

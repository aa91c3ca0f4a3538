"""aws_elasticache_replication_group: hours by node type, shards and replicas; backups."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from infragod.price.item import Item
from infragod.price.recipes.aws.cache import DIMENSIONS, backups, nodes
from infragod.resource import Component

__all__ = ["DIMENSIONS", "price"]


def price(item: Item) -> Iterator[Component]:
    """The components of one group: each shard has a primary and its replicas."""
    yield nodes(item, item.word("engine", "redis"), _count(item))
    yield from backups(item)


def _count(item: Item) -> Decimal | None:
    """The nodes: by shards and replicas, or as a plain number of clusters."""
    mode = item.block("cluster_mode") or item
    shards, replicas = mode.value("num_node_groups"), mode.value("replicas_per_node_group")
    if isinstance(shards, int | str | Decimal) or isinstance(replicas, int | str | Decimal):
        groups, copies = mode.number("num_node_groups", 1), mode.number("replicas_per_node_group", 0)
        return None if groups is None or copies is None else groups * (1 + copies)
    clusters = item.number("num_cache_clusters", 0) or item.number("number_cache_clusters", 0)
    return clusters or Decimal(1)

"""ElastiCache nodes: what clusters and replication groups share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Item, Rate
from infragod.price.recipes.aws.compute import RESERVED, reservation
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

BACKUP: Final = "snapshot_storage_size_gb"
DIMENSIONS: Final = (
    Dimension("ElastiCache (<purchase option>, <node type>)", "hours", RESERVED),
    Dimension("Backup storage", "GB", (BACKUP,)),
)


def nodes(item: Item, engine: str, count: Decimal | int | None) -> Component:
    """The hours of `count` nodes; Redis and Memcached cost the same, Valkey less."""
    kind = item.text("node_type")
    option = reservation(item)
    shown = kind if isinstance(kind, str) else AFTER_APPLY if kind is UNKNOWN else "no type"
    suffix = "/valkey" if engine == "valkey" else ""
    rate = item.rate("elasticache", f"{kind}{suffix}" if isinstance(kind, str) else kind, option)
    if kind is None:
        rate = Rate(None, note="the plan names no node type")
    return item.hours(f"ElastiCache ({option.partition('/')[0]}, {shown})", rate, count)


def backups(item: Item) -> Iterator[Component]:
    """Backup storage, where snapshots are kept for more than a day: one a cluster is free."""
    days = item.number("snapshot_retention_limit", 0)
    if days is None or days > 0:
        yield item.used("Backup storage", "GB", BACKUP, item.rate("elasticache", "backup"))

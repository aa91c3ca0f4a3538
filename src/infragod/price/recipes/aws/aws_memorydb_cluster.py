"""aws_memorydb_cluster: hours of nodes, of each shard one and its replicas; data written and snapshots as used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.aws.compute import RESERVED, reservation
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use
from infragod.resource import UNKNOWN, Component

WRITTEN: Final = Use("Data written", "GB", "monthly_data_written_gb", "memorydb", "written")
SNAPSHOTS: Final = Use("Snapshot storage", "GB", "snapshot_storage_size_gb", "memorydb", "snapshot")
DIMENSIONS: Final = (
    Dimension("MemoryDB node (<purchase option>, <type>)", "hours", RESERVED),
    WRITTEN.dimension,
    SNAPSHOTS.dimension,
)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster."""
    kind = item.text("node_type")
    known = isinstance(kind, str)
    option = reservation(item)
    shards, replicas = item.number("num_shards", 1), item.number("num_replicas_per_shard", 1)
    count = None if shards is None or replicas is None else shards * (1 + replicas)
    engine = "/valkey" if item.word("engine", "redis") == "valkey" else ""
    rate = item.rate("memorydb", f"{kind}{engine}" if known else UNKNOWN, option)
    yield item.hours(f"MemoryDB node ({option.partition('/')[0]}, {kind if known else AFTER_APPLY})", rate, count)
    yield from WRITTEN.components(item)
    if item.number("snapshot_retention_limit", 0) != 0:
        yield from SNAPSHOTS.components(item)

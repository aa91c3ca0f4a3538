"""google_redis_cluster: hours of its nodes, the append-only files that they keep, backups."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, HOURS, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import UNKNOWN, Component

BACKUPS: Final = "backup_storage_gb"
DEFAULT_NODE: Final = "REDIS_HIGHMEM_MEDIUM"
CAPACITY: Final = {  # GB a node
    "shared-core-nano": Decimal("1.4"),
    "standard-small": Decimal("6.5"),
    "highmem-medium": Decimal(13),
    "highmem-xlarge": Decimal(58),
}
DIMENSIONS: Final = (
    Dimension("Cluster node (<node type>)", "hours"),
    Dimension("AOF persistence", "GB-hours"),
    Dimension("Backups", "GB", (BACKUPS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster: each shard has a primary node and its replicas."""
    locate(item)
    text = item.text("node_type", DEFAULT_NODE)
    kind = text.removeprefix("REDIS_").lower().replace("_", "-") if isinstance(text, str) else None
    replicas = item.number("replica_count", 0)
    nodes = times(item.number("shard_count"), None if replicas is None else replicas + 1)
    shown = AFTER_APPLY if kind is None else kind.replace("-", " ")
    rate = item.rate("redis", UNKNOWN if kind is None else f"cluster/{kind}")
    yield item.hours(f"Cluster node ({shown})", rate, nodes)
    if item.block("persistence_config").word("mode") == "AOF":
        held = times(CAPACITY.get(kind or ""), nodes)
        yield item.fixed("AOF persistence", "GB-hours", times(held, HOURS), item.rate("redis", "cluster/aof"))
    if item.block("automated_backup_config"):
        yield item.used("Backups", "GB", BACKUPS, item.rate("redis", "cluster/backup"))

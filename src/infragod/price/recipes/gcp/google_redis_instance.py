"""google_redis_instance: GB by the hour, by tier and size band."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, ONE, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import UNKNOWN, Component

BANDS: Final = ((4, "M1"), (10, "M2"), (35, "M3"), (100, "M4"))
TIERS: Final = {"BASIC": "basic", "STANDARD_HA": "standard"}
DIMENSIONS: Final = (Dimension("Redis instance (<tier>, <size band>)", "GB"),)


def price(item: Item) -> Iterator[Component]:
    """The memory of one instance."""
    locate(item)
    size = item.number("memory_size_gb")
    tier = TIERS.get(item.word("tier", "BASIC"), item.word("tier").lower())
    name = "band known after apply" if size is None else band(size)
    nodes = _nodes(item) if tier == "standard" else ONE
    kind = tier if nodes == ONE else "replicas"
    rate = item.rate("redis", UNKNOWN if size is None else f"{kind}/{name.lower()}")
    yield item.fixed(f"Redis instance ({tier}, {name})", "GB", times(size, nodes), rate.times(HOURS))


def _nodes(item: Item) -> Decimal | None:
    """What is billed: the pair of a standard instance as one, or each node of one with read replicas."""
    if item.word("read_replicas_mode") != "READ_REPLICAS_ENABLED":
        return ONE
    replicas = item.number("replica_count", 2)
    return None if replicas is None else replicas + 1


def band(size: Decimal) -> str:
    """The size band of an instance: larger ones cost less a GB."""
    return next((name for upto, name in BANDS if size <= upto), "M5")

"""google_redis_instance: GB by the hour, by tier and size band."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

BANDS: Final = ((4, "M1"), (10, "M2"), (35, "M3"), (100, "M4"))
TIERS: Final = {"BASIC": "basic", "STANDARD_HA": "standard"}
DIMENSIONS: Final = (Dimension("Redis instance (<tier>, <size band>)", "GB"),)


def price(item: Item) -> Iterator[Component]:
    """The memory of one instance."""
    locate(item)
    size = item.number("memory_size_gb")
    tier = TIERS.get(item.word("tier", "BASIC"), item.word("tier").lower())
    name = "band known after apply" if size is None else band(size)
    rate = item.rate("redis", None if size is None else f"{tier}/{name.lower()}")
    yield item.fixed(f"Redis instance ({tier}, {name})", "GB", size, rate.times(HOURS))


def band(size: Decimal) -> str:
    """The size band of an instance: larger ones cost less a GB."""
    return next((name for upto, name in BANDS if size <= upto), "M5")

"""google_storage_bucket: GB by class and location."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import region_in
from infragod.resource import Component

STORAGE: Final = "storage_gb"
DIMENSIONS: Final = (Dimension("Storage (<class>)", "GB", (STORAGE,)),)


def price(item: Item) -> Iterator[Component]:
    """The storage of one bucket; a multi-region is a place of its own."""
    location = item.word("location").lower()
    kind = item.word("storage_class", "STANDARD").lower()
    rate = item.rate("storage", f"{kind}/gb", region=region_in(location) or location or item.region)
    yield item.used(f"Storage ({kind})", "GB", STORAGE, rate)

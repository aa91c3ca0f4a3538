"""google_compute_image: GB kept; as large as what it is made of, where the plan tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.google_compute_disk import size_of_source
from infragod.price.recipes.gcp.place import locate_or_home
from infragod.resource import Component

STORAGE: Final = "storage_gb"
DIMENSIONS: Final = (Dimension("Storage", "GB", (STORAGE,)),)


def price(item: Item) -> Iterator[Component]:
    """The storage of one image: at most its disk's, since it is compressed."""
    locate_or_home(item)
    rate = item.rate("compute", "image")
    size = item.number("disk_size_gb") or size_of_source(item)
    if size is None:
        yield item.used("Storage", "GB", STORAGE, rate)
    else:
        yield item.assumed("Storage", "GB", STORAGE, size, rate, "its disk's size")

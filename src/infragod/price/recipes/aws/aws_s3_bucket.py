"""aws_s3_bucket: GB and requests of the standard class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

PARTS: Final = (
    ("Standard/Storage", "GB", "standard_storage_gb", "standard/gb", 1),
    ("Standard/PUT, COPY, POST, LIST requests", "1k requests", "monthly_tier_1_requests", "standard/tier-1", 1000),
    ("Standard/GET, SELECT, and all other requests", "1k requests", "monthly_tier_2_requests", "standard/tier-2", 1000),
)
DIMENSIONS: Final = tuple(Dimension(name, unit, (key,)) for name, unit, key, _, _ in PARTS)


def price(item: Item) -> Iterator[Component]:
    """The components of one bucket."""
    for name, unit, key, rate, per in PARTS:
        yield item.used(name, unit, key, item.rate("s3", rate), per=per)

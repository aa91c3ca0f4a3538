"""aws_cloudwatch_log_group: GB ingested, stored and scanned by queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

PARTS: Final = (
    ("Data ingested", "monthly_data_ingested_gb", "logs/ingested"),
    ("Archival Storage", "storage_gb", "logs/stored"),
    ("Insights queries data scanned", "monthly_data_scanned_gb", "logs/scanned"),
)
DIMENSIONS: Final = tuple(Dimension(name, "GB", (key,)) for name, key, _ in PARTS)


def price(item: Item) -> Iterator[Component]:
    """The components of one log group."""
    for name, key, rate in PARTS:
        yield item.used(name, "GB", key, item.rate("cloudwatch", rate))

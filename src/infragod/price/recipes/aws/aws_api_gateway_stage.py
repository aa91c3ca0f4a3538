"""aws_api_gateway_stage: the cache by its size; a stage without one costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

DEFAULT_SIZE: Final = "0.5"
DIMENSIONS: Final = (Dimension("Cache memory (<size> GB)", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of the stage's cache."""
    if item.flag("cache_cluster_enabled"):
        size = item.text("cache_cluster_size", DEFAULT_SIZE)
        known = isinstance(size, str)
        rate = item.rate("apigateway", f"cache/{size}" if known else UNKNOWN)
        yield item.hours(f"Cache memory ({f'{size} GB' if known else AFTER_APPLY})", rate)

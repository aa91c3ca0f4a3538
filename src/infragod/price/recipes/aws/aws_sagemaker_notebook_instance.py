"""aws_sagemaker_notebook_instance: hours by type, and its volume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

DEFAULT_VOLUME: Final = 5
DIMENSIONS: Final = (Dimension("Notebook (<type>)", "hours"), Dimension("Volume", "GB"))


def price(item: Item) -> Iterator[Component]:
    """The components of one notebook that runs all month."""
    kind = item.text("instance_type")
    known = isinstance(kind, str)
    rate = item.rate("sagemaker", f"notebook/{kind}" if known else UNKNOWN)
    yield item.hours(f"Notebook ({kind if known else AFTER_APPLY})", rate)
    yield item.fixed("Volume", "GB", item.number("volume_size", DEFAULT_VOLUME), item.rate("sagemaker", "volume"))

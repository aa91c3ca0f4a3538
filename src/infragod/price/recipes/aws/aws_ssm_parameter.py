"""aws_ssm_parameter: standard parameters cost nothing; advanced ones are billed by the hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Parameter storage (advanced)", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of an advanced parameter; with intelligent tiering the size of the value decides at apply."""
    tier = item.word("tier", "Standard")
    if tier != "Standard":
        yield item.hours(f"Parameter storage ({tier.lower()})", item.rate("ssm", f"parameter/{tier.lower()}"))

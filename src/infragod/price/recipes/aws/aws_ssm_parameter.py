"""aws_ssm_parameter: standard parameters cost nothing; advanced ones are billed by the hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

INTERACTIONS: Final = "monthly_api_interactions"
DIMENSIONS: Final = (
    Dimension("Parameter storage (advanced)", "hours"),
    Dimension("API interactions (advanced)", "10k interactions", (INTERACTIONS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The hours of an advanced parameter; with intelligent tiering the size of the value decides at apply."""
    tier = item.word("tier", "Standard")
    if tier != "Standard":
        yield item.hours(f"Parameter storage ({tier.lower()})", item.rate("ssm", f"parameter/{tier.lower()}"))
        rate = item.rate("ssm", "parameter/interactions")
        yield item.used(f"API interactions ({tier.lower()})", "10k interactions", INTERACTIONS, rate, per=10**4)

"""aws_cloudwatch_dashboard: the month of a dashboard, beyond the three that an account has free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Dashboard", "months"),)


def price(item: Item) -> Iterator[Component]:
    """One dashboard, as if the account had used up its free ones."""
    yield item.fixed("Dashboard", "months", 1, item.rate("cloudwatch", "dashboard"))

"""aws_redshiftserverless_workgroup: hours of processing units; nothing while it is idle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

HOURS_USED: Final = "monthly_active_hours"
DEFAULT_CAPACITY: Final = 128
DIMENSIONS: Final = (Dimension("Compute (<base capacity> RPUs)", "hours", (HOURS_USED,)),)


def price(item: Item) -> Iterator[Component]:
    """The hours in which queries run, at the base capacity."""
    units = item.number("base_capacity", DEFAULT_CAPACITY)
    rate = item.rate("redshift", "serverless/rpu")
    if units is None:
        yield item.fixed("Compute", "RPU-hours", None, rate)
    else:
        yield item.used(f"Compute ({units.normalize():f} RPUs)", "hours", HOURS_USED, rate.times(units))

"""aws_ssm_activation: managed instances outside AWS, in the advanced tier; the standard tier is free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

INSTANCES: Final = "advanced_instances"
DIMENSIONS: Final = (Dimension("On-prem managed instances (advanced)", "instances", (INSTANCES,)),)


def price(item: Item) -> Iterator[Component]:
    """The instances of one activation."""
    rate = item.rate("ssm", "instance/advanced").times(HOURS)
    yield item.used("On-prem managed instances (advanced)", "instances", INSTANCES, rate)

"""aws_dms_replication_instance: hours by class, twice for a standby; storage above what its class includes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.aws.volumes import above
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

INCLUDED: Final = Decimal(100)
INCLUDED_BURSTABLE: Final = Decimal(50)
DIMENSIONS: Final = (
    Dimension("Instance (<class>)", "hours"),
    Dimension("Storage (general purpose SSD, gp2)", "GB"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one replication instance."""
    kind = item.text("replication_instance_class")
    known = isinstance(kind, str)
    family = kind.removeprefix("dms.") if isinstance(kind, str) else ""
    zones = Decimal(2 if item.flag("multi_az") else 1)
    rate = item.rate("dms", family if known else UNKNOWN).times(zones)
    yield item.hours(f"Instance ({family or AFTER_APPLY})", rate)
    included = INCLUDED_BURSTABLE if family.startswith("t") else INCLUDED
    size = above(item.number("allocated_storage", int(included)), included)
    if size != 0:
        yield item.fixed("Storage (general purpose SSD, gp2)", "GB", size, item.rate("dms", "storage").times(zones))

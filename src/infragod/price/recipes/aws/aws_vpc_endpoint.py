"""aws_vpc_endpoint: hours in each zone and GB processed; gateway endpoints cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.tiers import tiered
from infragod.resource import Component

PROCESSED: Final = "monthly_data_processed_gb"
PETABYTE: Final = Decimal(1024 * 1024)
DIMENSIONS: Final = (
    Dimension("Endpoint (<type>)", "hours"),
    Dimension("Data processed", "GB", (PROCESSED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one endpoint."""
    kind = item.word("vpc_endpoint_type", "Gateway")
    if kind == "Gateway":
        return
    name = kind.lower()
    yield item.hours(f"Endpoint ({kind})", item.rate("vpc", f"endpoint/{name}/hours"), _zones(item))
    if kind == "Interface":
        ends = ((PETABYTE, "first 1PB"), (5 * PETABYTE, "next 4PB"), (None, "over 5PB"))
        tiers = [(end, item.rate("vpc", f"endpoint/interface/gb-{i}"), text) for i, (end, text) in enumerate(ends, 1)]
        yield from tiered(item, "Data processed", "GB", PROCESSED, tiers, item.usage(PROCESSED), per=1)
    else:
        yield item.used("Data processed", "GB", PROCESSED, item.rate("vpc", f"endpoint/{name}/gb"))


def _zones(item: Item) -> Decimal | None:
    """The zones that the endpoint is in: its subnets', or those of the associations that name it."""
    subnets = item.value("subnet_ids")
    if isinstance(subnets, list) and subnets:
        return Decimal(len(subnets))
    associated = len(item.users("aws_vpc_endpoint_subnet_association"))
    return Decimal(associated) if associated and not item.is_referring("subnet_ids") else None

"""google_compute_router_nat: the hours of the machines that use it, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS as MONTH
from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.price.tiers import tiered
from infragod.resource import Component

HOURS: Final = "monthly_assigned_vm_hours"
BILLED: Final = Decimal(32) * MONTH  # a gateway is billed for 32 machines at most
PROCESSED: Final = "monthly_data_processed_gb"
DIMENSIONS: Final = (
    Dimension("Assigned VMs", "VM-hours", (HOURS,)),
    Dimension("Data processed", "GB", (PROCESSED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one gateway."""
    locate(item)
    quantity = item.usage(HOURS)
    most = None if quantity is None else min(quantity, BILLED)
    tiers = [(BILLED, item.rate("nat", "vm-hours"), "first 32")]
    yield from tiered(item, "Assigned VMs", "VM-hours", HOURS, tiers, most)
    yield item.used("Data processed", "GB", PROCESSED, item.rate("nat", "gb"))

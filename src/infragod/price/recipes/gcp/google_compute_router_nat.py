"""google_compute_router_nat: the hours of the machines that use it, and GB processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

HOURS: Final = "monthly_assigned_vm_hours"
PROCESSED: Final = "monthly_data_processed_gb"
DIMENSIONS: Final = (
    Dimension("Assigned VMs (first 32)", "VM-hours", (HOURS,)),
    Dimension("Data processed", "GB", (PROCESSED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one gateway."""
    locate(item)
    yield item.used("Assigned VMs (first 32)", "VM-hours", HOURS, item.rate("nat", "vm-hours"))
    yield item.used("Data processed", "GB", PROCESSED, item.rate("nat", "gb"))

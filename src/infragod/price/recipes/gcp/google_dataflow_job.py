"""google_dataflow_job: cores, memory and disk of its workers while it runs, and data processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import locate
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("vCPU", "vCPU-hours", "monthly_vcpu_hours", "dataflow", "vcpu"),
    Use("Memory", "GB-hours", "monthly_gb_hours", "dataflow", "memory"),
    Use("Disk", "GB-hours", "monthly_disk_gb_hours", "dataflow", "disk", extra=True),
    Use("Data processed", "GB", "monthly_data_processed_gb", "dataflow", "processed", extra=True),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one job."""
    locate(item)
    yield from components(item, LINES)

"""aws_redshift_cluster: node hours; managed storage of RA3; scaling and Spectrum where usage tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import TB, Use
from infragod.resource import UNKNOWN, Component

STORAGE: Final = "managed_storage_gb"
SCALING: Final = "concurrency_scaling_seconds"
SPECTRUM: Final = "spectrum_data_scanned_tb"
BACKUP: Final = Use(
    "Backup storage",
    "GB",
    "backup_storage_gb",
    "redshift",
    "backup",
    tiers=((50 * TB, "first 50 TB"), (500 * TB, "next 450 TB"), (None, "over 500 TB")),
    extra=True,
)
DIMENSIONS: Final = (
    Dimension("Cluster usage (on-demand, <node type>)", "hours"),
    Dimension("Managed storage (<node type>)", "GB", (STORAGE,)),
    Dimension("Concurrency scaling (<node type>)", "node-seconds", (SCALING,)),
    Dimension("Spectrum", "TB", (SPECTRUM,)),
    BACKUP.dimension,
)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster."""
    kind = item.text("node_type")
    shown = kind if isinstance(kind, str) else AFTER_APPLY
    rate = item.rate("redshift", UNKNOWN if kind is None else kind)
    yield item.hours(f"Cluster usage (on-demand, {shown})", rate, item.number("number_of_nodes", 1))
    if shown.startswith("ra3."):
        yield item.used(f"Managed storage ({shown})", "GB", STORAGE, item.rate("redshift", "managed-storage"))
    if item.usage(SCALING) is not None:
        scaling = item.rate("redshift", f"{shown}/concurrency-scaling")
        yield item.used(f"Concurrency scaling ({shown})", "node-seconds", SCALING, scaling)
    if item.usage(SPECTRUM) is not None:
        yield item.used("Spectrum", "TB", SPECTRUM, item.rate("redshift", "spectrum"))
    yield from BACKUP.components(item)

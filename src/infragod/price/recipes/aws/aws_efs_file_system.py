"""aws_efs_file_system: storage by class as used, and provisioned throughput."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.aws.volumes import above
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

STORAGE: Final = "storage_gb"
INFREQUENT: Final = "infrequent_access_storage_gb"
GB_A_MIBPS: Final = 20  # GB of storage whose price includes 1 MiB/s
DIMENSIONS: Final = (
    Dimension("Storage (<class>)", "GB", (STORAGE,)),
    Dimension("Storage (<class>, infrequent access)", "GB", (INFREQUENT,)),
    Dimension("Provisioned throughput", "MBps"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one file system; throughput is billed above what the storage includes."""
    zonal = item.is_referring("availability_zone_name") or item.word("availability_zone_name")
    name, key = ("one zone", "one-zone") if zonal else ("standard", "standard")
    yield item.used(f"Storage ({name})", "GB", STORAGE, item.rate("efs", key))
    if item.blocks("lifecycle_policy"):
        rate = item.rate("efs", f"{key}/infrequent")
        yield item.used(f"Storage ({name}, infrequent access)", "GB", INFREQUENT, rate)
    if item.word("throughput_mode") == "provisioned":
        speed = item.number("provisioned_throughput_in_mibps")
        included = (item.usage(STORAGE) or Decimal(0)) / GB_A_MIBPS
        rate = item.rate("efs", "throughput")
        yield item.fixed("Provisioned throughput", "MBps", above(speed, included), rate)

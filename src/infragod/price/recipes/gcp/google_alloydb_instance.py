"""google_alloydb_instance: cores and memory by the hour, twice with a standby; storage is its cluster's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import UNKNOWN, Component

GB_A_VCPU: Final = Decimal(8)
TYPE: Final = re.compile(r"(?:n2-highmem|c4a-highmem|c4-highmem)-(\d+)(?:-lssd)?")
STORAGE: Final = "storage_gb"
DIMENSIONS: Final = (
    Dimension("vCPUs", "hours"),
    Dimension("Memory", "GB-hours"),
    Dimension("Storage", "GB", (STORAGE,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one instance: a primary with its standby, or the nodes of a read pool."""
    cluster = next(iter(item.joined("cluster", "google_alloydb_cluster")), None)
    locate(item, *([cluster] if cluster else []))
    cores = times(_cores(item), _machines(item))
    yield item.hours("vCPUs", item.rate("alloydb", "vcpu"), cores)
    memory = times(times(cores, GB_A_VCPU), HOURS)
    yield item.fixed("Memory", "GB-hours", memory, item.rate("alloydb", "memory"))
    if item.word("instance_type", "PRIMARY") == "PRIMARY":
        yield item.used("Storage", "GB", STORAGE, item.rate("alloydb", "storage"))


def _cores(item: Item) -> Decimal | None:
    machine = item.block("machine_config")
    named = TYPE.fullmatch(machine.word("machine_type"))
    if machine.value("cpu_count") is None or machine.is_open("cpu_count"):
        return Decimal(named[1]) if named else None
    return machine.number("cpu_count")


def _machines(item: Item) -> Decimal | None:
    """A primary has a standby in another zone, save where it is zonal."""
    if item.word("instance_type", "PRIMARY") == "READ_POOL":
        return item.block("read_pool_config").number("node_count", 1)
    kind = item.value("availability_type", "REGIONAL")
    return None if kind is UNKNOWN else Decimal(1 if kind == "ZONAL" else 2)

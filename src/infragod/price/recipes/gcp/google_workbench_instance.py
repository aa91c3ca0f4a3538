"""google_workbench_instance: its machine, disks and accelerators, and the fee for managing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Attributes, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp import disks, machines
from infragod.price.recipes.gcp.machines import Purchase, accelerator, machine, vcpus
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

BOOT_DISK: Final = 150
DATA_DISK: Final = 100
DEFAULT_DISK: Final = "PD_BALANCED"
DIMENSIONS: Final = (Dimension("Management fee", "vCPU-hours"), *machines.DIMENSIONS, disks.DIMENSIONS[0])


def price(item: Item) -> Iterator[Component]:
    """The components of one instance."""
    locate(item)
    setup = item.block("gce_setup")
    kind = setup.text("machine_type")
    purchase = Purchase(spot=False)
    yield from machine(item, kind, purchase)
    yield item.hours("Management fee", item.rate("workbench", "vcpu"), vcpus(kind))
    yield _disk(item, setup.block("boot_disk"), BOOT_DISK, "boot disk/")
    yield _disk(item, setup.block("data_disks"), DATA_DISK, "data disk/")
    for block in setup.blocks("accelerator_configs"):
        name = block.text("type")
        shown = name.lower().replace("_", "-") if isinstance(name, str) else name
        yield accelerator(item, shown, purchase, block.number("core_count", 1))


def _disk(item: Item, block: Attributes, default: int, prefix: str) -> Component:
    kind = block.text("disk_type", DEFAULT_DISK)
    name = kind.lower().replace("_", "-") if isinstance(kind, str) else kind
    return disks.disk(item, name, block.number("disk_size_gb", default), 1, prefix)

"""google_compute_instance: machine hours with sustained use discounts, licence, boot disk, local SSDs, accelerators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Attributes, Item
from infragod.price.recipes.gcp import disks, licences, machines
from infragod.price.recipes.gcp.machines import Purchase, accelerators, local_ssds, machine
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DIMENSIONS: Final = (*machines.DIMENSIONS, *licences.DIMENSIONS, disks.DIMENSIONS[0])
STOPPED: Final = ("TERMINATED", "SUSPENDED")
DEFAULT_BOOT_DISK: Final = 10


def price(item: Item) -> Iterator[Component]:
    """The components of one instance, one that is stopped its disk; disks of their own are other resources."""
    locate(item)
    if item.word("desired_status", "RUNNING") in STOPPED:
        yield from boot_disk(item)
        return
    purchase = purchase_of(item)
    kind = item.text("machine_type")
    yield from machine(item, kind, purchase)
    yield from licences.licence(item, item.block("boot_disk").block("initialize_params").value("image"), kind)
    yield from boot_disk(item)
    yield from local_ssds(item, len(item.blocks("scratch_disk")), purchase, 1)
    yield from accelerators(item, item, kind, purchase, 1)


def purchase_of(settings: Attributes) -> Purchase:
    """Spot or on demand, as the scheduling block says."""
    scheduling = settings.block("scheduling")
    return Purchase(scheduling.flag("preemptible") or scheduling.word("provisioning_model") == "SPOT")


def boot_disk(item: Item) -> Iterator[Component]:
    """The boot disk that the instance makes: 10 GB of pd-standard, where the plan says nothing."""
    boot = item.block("boot_disk")
    parameters = boot.block("initialize_params")
    if boot.value("source") is not None and not parameters and not boot.is_open("source"):
        return
    yield disks.disk(item, parameters.text("type", "pd-standard"), parameters.number("size", DEFAULT_BOOT_DISK))

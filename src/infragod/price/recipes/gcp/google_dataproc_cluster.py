"""google_dataproc_cluster: machines, their disks and accelerators, and Dataproc's fee on each vCPU."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Attributes, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp import disks, machines
from infragod.price.recipes.gcp.machines import Purchase, accelerator, local_ssds, machine, vcpus
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DEFAULT_TYPE: Final = "n1-standard-4"
DEFAULT_DISK: Final = 500
DEFAULT_WORKERS: Final = 2
DIMENSIONS: Final = (
    Dimension("<Group>/Dataproc (<machine type>)", "vCPU-hours"),
    *machines.DIMENSIONS,
    disks.DIMENSIONS[0],
)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster; secondary workers are as its workers are, and mostly preemptible."""
    locate(item)
    config = item.block("cluster_config")
    workers, secondary = config.block("worker_config"), config.block("preemptible_worker_config")
    yield from _group(item, config.block("master_config"), "master", 1)
    yield from _group(item, workers, "worker", DEFAULT_WORKERS)
    count = secondary.number("num_instances", 0)
    if count != 0:
        spot = secondary.word("preemptibility", "PREEMPTIBLE") != "NON_PREEMPTIBLE"
        yield from _machines(item, workers, "secondary", count, Purchase(spot))


def _group(item: Item, group: Attributes, name: str, default: int) -> Iterator[Component]:
    yield from _machines(item, group, name, group.number("num_instances", default), Purchase(spot=False))


def _machines(
    item: Item, group: Attributes, name: str, count: Decimal | None, purchase: Purchase
) -> Iterator[Component]:
    if count == 0:
        return
    kind = group.text("machine_type", DEFAULT_TYPE)
    prefix = f"{name}/"
    yield from machine(item, kind, purchase, count, prefix)
    cores = times(vcpus(kind), count)
    shown = kind if isinstance(kind, str) else AFTER_APPLY
    yield item.hours(f"{prefix}Dataproc ({shown})", item.rate("dataproc", "vcpu"), cores)
    disk = group.block("disk_config")
    size = disk.number("boot_disk_size_gb", DEFAULT_DISK)
    yield disks.disk(item, disk.text("boot_disk_type", "pd-standard"), size, count, prefix)
    yield from local_ssds(item, disk.number("num_local_ssds", 0), purchase, count, prefix)
    for block in group.blocks("accelerators"):
        number = times(block.number("accelerator_count", 1), count)
        yield accelerator(item, block.text("accelerator_type"), purchase, number, prefix)

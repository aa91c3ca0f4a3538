"""google_compute_instance_group_manager, also the regional one: the target number of machines of a template."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import NOTHING, Attributes, Item, Rate
from infragod.price.recipes.gcp import disks, licences, machines
from infragod.price.recipes.gcp.google_compute_instance import DEFAULT_BOOT_DISK, purchase_of
from infragod.price.recipes.gcp.machines import accelerators, local_ssds, machine
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

TEMPLATES: Final = ("google_compute_instance_template", "google_compute_region_instance_template")
SCALERS: Final = ("google_compute_autoscaler", "google_compute_region_autoscaler")
NAMED: Final = ("google_compute_per_instance_config", "google_compute_region_per_instance_config")
DIMENSIONS: Final = (*machines.DIMENSIONS, *licences.DIMENSIONS, disks.DIMENSIONS[0])


def price(item: Item) -> Iterator[Component]:
    """The components of the group's machines, of its first template where it has several."""
    locate(item)
    count = target(item)
    templates = item.joined("version", *TEMPLATES) or item.joined("instance_template", *TEMPLATES)
    if not templates:
        yield item.hours("Instance usage", Rate(None, note="the instance template is not in this plan"), count)
        return
    template = templates[0]
    purchase = purchase_of(template)
    kind = template.text("machine_type")
    yield from machine(item, kind, purchase, count)
    boot = next((block for block in template.blocks("disk") if block.value("source_image") is not None), NOTHING)
    yield from licences.licence(item, boot.value("source_image"), kind, count)
    scratch = 0
    for block in template.blocks("disk"):
        if block.word("type") == "SCRATCH" or block.word("disk_type").endswith("local-ssd"):
            scratch += 1
        elif block.value("source") is None:
            yield _disk(item, block, count)
    yield from local_ssds(item, scratch, purchase, count)
    yield from accelerators(item, template, kind, purchase, count)


def target(item: Item) -> Decimal | None:
    """The machines that the group keeps: its target, the least that its autoscaler keeps, or those with names."""
    if item.value("target_size") is not None and not item.is_open("target_size"):
        return item.number("target_size")
    scaler = next(iter(item.users(*SCALERS)), None)
    if scaler is not None:
        return scaler.block("autoscaling_policy").number("min_replicas")
    named = item.users(*NAMED)
    return Decimal(len(named)) if named else None


def _disk(item: Item, block: Attributes, count: Decimal | None) -> Component:
    kind = block.text("disk_type", "pd-standard")
    return disks.disk(item, kind, block.number("disk_size_gb", DEFAULT_BOOT_DISK), count)

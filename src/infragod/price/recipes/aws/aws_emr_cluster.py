"""aws_emr_cluster: hours of EC2 and of EMR on top, by group of instances; their volumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Attributes, Item, Rate
from infragod.price.recipes.aws import compute, volumes
from infragod.price.recipes.aws.volumes import times, volume
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

GROUPS: Final = (("master", "master_instance_group"), ("core", "core_instance_group"))
FLEETS: Final = ("master_instance_fleet", "core_instance_fleet")
DIMENSIONS: Final = (Dimension("EMR (<group>, <type>)", "hours"), *compute.DIMENSIONS, *volumes.DIMENSIONS)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster; task groups are other resources."""
    if not any(item.blocks(attribute) for attribute in (*FLEETS, *(attribute for _, attribute in GROUPS))):
        yield item.hours("EMR", Rate(None, note="the plan names no instance groups"), None)
    for name, attribute in GROUPS:
        for group in item.blocks(attribute):
            yield from group_of_instances(item, group, name)
    for attribute in FLEETS:
        for fleet in item.blocks(attribute):
            yield from _fleet(item, fleet, attribute.partition("_")[0])


def group_of_instances(item: Item, group: Attributes, name: str) -> Iterator[Component]:
    """The hours and volumes of one group; with a bid it is a group of spot instances."""
    kind = group.text("instance_type")
    count = group.number("instance_count", 1)
    yield from compute.instance(item, group, kind, count=count, spot=group.text("bid_price") is not None)
    known = isinstance(kind, str)
    rate = item.rate("emr", kind if known else UNKNOWN)
    yield item.hours(f"EMR ({name}, {kind if known else AFTER_APPLY})", rate, count)
    for disk in group.blocks("ebs_config"):
        number = times(disk.number("volumes_per_instance", 1), count)
        yield from volume(item, disk, size=disk.number("size"), own=True, kind="type", prefix=f"{name}/", count=number)


def _fleet(item: Item, fleet: Attributes, name: str) -> Iterator[Component]:
    """A fleet takes what is offered; the first type that it names stands for it."""
    types = fleet.block("instance_type_configs")
    for target, spot in (("target_on_demand_capacity", False), ("target_spot_capacity", True)):
        count = fleet.number(target, 0)
        if count != 0:
            kind = types.text("instance_type")
            yield from compute.instance(item, types, kind, count=count, spot=spot)
            rate = item.rate("emr", kind if isinstance(kind, str) else UNKNOWN)
            yield item.hours(f"EMR ({name}, {kind if isinstance(kind, str) else AFTER_APPLY})", rate, count)

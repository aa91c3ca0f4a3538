"""aws_eks_node_group: the desired number of instances, and their disks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import NOTHING, Attributes, Item, Rate
from infragod.price.recipes.aws import compute, volumes
from infragod.price.recipes.aws.volumes import volume
from infragod.resource import UNKNOWN, Component, Unknown

DEFAULT_TYPE: Final = "t3.medium"
DEFAULT_DISK: Final = 20
WINDOWS_DISK: Final = 50
DIMENSIONS: Final = (*compute.DIMENSIONS, *volumes.DIMENSIONS)


def price(item: Item) -> Iterator[Component]:
    """The components of the desired number of nodes."""
    count = item.block("scaling_config").number("desired_size", 1)
    template = next(iter(item.joined("launch_template", "aws_launch_template")), NOTHING)
    spot = item.word("capacity_type") == "SPOT"
    windows = item.word("ami_type").startswith("WINDOWS")
    system = "windows" if windows else "linux"
    yield from compute.instance(item, template, _type(item, template), count=count, spot=spot, system=system)
    if template.blocks("block_device_mappings"):
        yield from compute.template_disks(item, template, count)
    elif item.block("launch_template") and not template:
        yield item.fixed("Storage", "GB", None, Rate(None, note="the launch template is not in this plan"))
    else:
        size = item.number("disk_size", WINDOWS_DISK if windows else DEFAULT_DISK)
        yield from volume(item, NOTHING, size=size, own=True, count=count)


def _type(item: Item, template: Attributes) -> str | Unknown | None:
    types = item.value("instance_types")
    if isinstance(types, list) and types:
        first = types[0]
        return first if first is UNKNOWN else str(first)
    return template.text("instance_type", DEFAULT_TYPE)

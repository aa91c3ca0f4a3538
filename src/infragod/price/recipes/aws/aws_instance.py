"""aws_instance: hours by type, system, tenancy and purchase option; volumes; monitoring; credits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import NOTHING, Attributes, Item
from infragod.price.recipes.aws import compute, volumes
from infragod.resource import UNKNOWN, Component

ROOT_DEVICES: Final = ("/dev/sda1", "/dev/xvda")
DIMENSIONS: Final = (*compute.DIMENSIONS, *volumes.DIMENSIONS)


def price(item: Item) -> Iterator[Component]:
    """The components of one instance, with what its launch template adds."""
    template = next(iter(item.joined("launch_template", "aws_launch_template")), NOTHING)
    settings = Layered(item, template)
    spot = settings.block("instance_market_options").word("market_type") == "spot"
    yield from compute.instance(item, settings, settings.text("instance_type"), spot=spot)
    if item.block("root_block_device") or not has_root(template):
        yield from compute.disks(item, item)
    yield from compute.template_disks(item, template, 1)


def has_root(template: Attributes) -> bool:
    """Whether a launch template sizes the root volume: one of its devices has a root device's name."""
    return any(mapping.word("device_name") in ROOT_DEVICES for mapping in template.blocks("block_device_mappings"))


class Layered(Attributes):
    """The attributes of an instance, and below them those of its launch template."""

    def __init__(self, item: Item, template: Attributes) -> None:
        super().__init__({})
        self._item = item
        self._template = template

    def value(self, name: str, default: object = None) -> object:
        """The instance's value, or the template's where the instance leaves it open."""
        own = self._item.value(name)
        return self._template.value(name, default) if own is None or self._is_open(own) else own

    def _is_open(self, own: object) -> bool:
        return own is UNKNOWN and bool(self._template)

    def blocks(self, name: str) -> list[Attributes]:
        """The instance's blocks, or the template's."""
        return self._item.blocks(name) or self._template.blocks(name)

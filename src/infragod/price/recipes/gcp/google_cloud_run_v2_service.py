"""google_cloud_run_v2_service: its least instances all month, and CPU, memory and requests by usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from infragod.price.item import Item
from infragod.price.recipes.gcp import run
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DIMENSIONS: Final = run.DIMENSIONS


def price(item: Item) -> Iterator[Component]:
    """The components of one service; CPU is billed by request where it idles between them."""
    locate(item)
    template = item.block("template")
    resources = [container.block("resources") for container in template.blocks("containers")]
    limits = [named(resource.value("limits")) for resource in resources]
    # The provider's default is idle CPU where a container says nothing of resources, and the opposite where it does.
    always = any(bool(resource) and resource.value("cpu_idle") is not True for resource in resources)
    own = template.block("scaling").number("min_instance_count", 0)
    whole = item.block("scaling").number("min_instance_count", 0)
    least = None if own is None or whole is None else max(own, whole)
    yield from run.service(item, limits or [(None, None)], least, always=always)


def named(limits: Any) -> tuple[object, object]:
    """CPU and memory of a container's limits."""
    return (limits.get("cpu"), limits.get("memory")) if isinstance(limits, Mapping) else (None, None)

"""google_cloudfunctions2_function: a Cloud Run service behind an event; its least instances, and usage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp import run
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DIMENSIONS: Final = run.DIMENSIONS
DEFAULT_MEMORY: Final = "256Mi"
# What a function gets of a core by its memory in MiB, where it says nothing of cores.
CORES: Final = ((128, "83m"), (256, "167m"), (512, "333m"), (1024, "583m"), (2048, "1"), (8192, "2"))


def price(item: Item) -> Iterator[Component]:
    """The components of one function."""
    locate(item)
    config = item.block("service_config")
    memory = config.text("available_memory", DEFAULT_MEMORY)
    cpu = config.text("available_cpu") or _cores(memory)
    least = config.number("min_instance_count", 0)
    yield from run.service(item, [(cpu, memory)], least, always=False)


def _cores(memory: object) -> str:
    size = run.gigabytes(memory)
    if size is None:
        return ""
    return next((cores for upto, cores in CORES if size * 1024 <= upto), "4")

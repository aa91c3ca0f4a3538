"""google_cloud_run_v2_job: CPU and memory by usage; a job that does not run costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp import run
from infragod.price.recipes.gcp.place import locate
from infragod.price.recipes.used import components, dimensions
from infragod.resource import Component

DIMENSIONS: Final = dimensions(*run.BY_INSTANCE)


def price(item: Item) -> Iterator[Component]:
    """What the executions of one job use."""
    locate(item)
    yield from components(item, run.BY_INSTANCE)

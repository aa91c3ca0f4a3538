"""google_cloud_run_service: its least instances all month, and CPU, memory and requests by usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from infragod.price.item import Attributes, Item, to_number
from infragod.price.recipes.gcp import run
from infragod.price.recipes.gcp.google_cloud_run_v2_service import named
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Component

DIMENSIONS: Final = run.DIMENSIONS
LEAST: Final = "autoscaling.knative.dev/minScale"
THROTTLED: Final = "run.googleapis.com/cpu-throttling"


def price(item: Item) -> Iterator[Component]:
    """The components of one service; annotations say how it scales and whether CPU idles between requests."""
    locate(item)
    template = item.block("template")
    notes = _annotations(template)
    containers = template.block("spec").blocks("containers")
    limits = [named(container.block("resources").value("limits")) for container in containers]
    least = to_number(notes.get(LEAST, 0), LEAST)
    always = str(notes.get(THROTTLED, "true")).lower() == "false"
    yield from run.service(item, limits or [(None, None)], Decimal(least), always=always)


def _annotations(template: Attributes) -> Mapping[str, object]:
    notes = template.block("metadata").value("annotations")
    return {key: value for key, value in notes.items() if isinstance(value, str)} if isinstance(notes, Mapping) else {}

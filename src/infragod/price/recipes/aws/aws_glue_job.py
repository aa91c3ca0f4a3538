"""aws_glue_job: hours of the data processing units that a run takes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

RUNS: Final = "monthly_hours"
WORKERS: Final = {"Standard": "1", "G.025X": "0.25", "G.1X": "1", "G.2X": "2", "G.4X": "4", "G.8X": "8", "Z.2X": "2"}
DEFAULT_UNITS: Final = 10
SHELL_UNITS: Final = "0.0625"
DIMENSIONS: Final = (Dimension("Duration", "hours (<n> DPUs)", (RUNS,)),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one job."""
    units = _units(item)
    if units is None:
        why = "how many DPUs a run takes is not known"
        yield item.fixed("Duration", "DPU-hours", None, item.rate("glue", "dpu"), why)
        return
    plural = "" if units == 1 else "s"
    flexible = "/flex" if item.word("execution_class") == "FLEX" else ""
    rate = item.rate("glue", f"dpu{flexible}").times(units)
    yield item.used("Duration", f"hours ({units.normalize():f} DPU{plural})", RUNS, rate)


def _units(item: Item) -> Decimal | None:
    """The units of a run: as many as it may take, or its workers, or what the provider takes for its kind."""
    if item.value("number_of_workers") is not None:
        size = WORKERS.get(item.word("worker_type"))
        workers = item.number("number_of_workers")
        return None if size is None or workers is None else workers * Decimal(size)
    shell = item.block("command").word("name", "glueetl") == "pythonshell"
    return item.number("max_capacity", SHELL_UNITS if shell else DEFAULT_UNITS)

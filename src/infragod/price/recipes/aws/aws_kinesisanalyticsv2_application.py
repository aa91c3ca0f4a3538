"""aws_kinesisanalyticsv2_application and its forerunner: processing units; the one of Flink itself, and storage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Final

from infragod.price.item import HOURS, Attributes, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use
from infragod.resource import Component

UNITS: Final = "kinesis_processing_units"
STORAGE_A_UNIT: Final = 50  # GB
BACKUP: Final = Use("Backup", "GB", "durable_application_backup_gb", "kinesisanalytics", "backup")
DIMENSIONS: Final = (
    Dimension("Processing (stream)", "KPU", (UNITS,)),
    Dimension("Processing (orchestration)", "KPU"),
    Dimension("Running storage", "GB"),
    BACKUP.dimension,
)


def price(item: Item) -> Iterator[Component]:
    """The components of one application: what Flink runs with is in its settings, what SQL takes is usage."""
    rate = item.rate("kinesisanalytics", "kpu").times(HOURS)
    flink = "FLINK" in item.word("runtime_environment")
    flow = item.block("application_configuration").block("flink_application_configuration")
    units = _units(flow.block("parallelism_configuration")) if flink else None
    if units is None or item.usage(UNITS) is not None:
        yield item.used("Processing (stream)", "KPU", UNITS, rate)
    else:
        yield item.fixed("Processing (stream)", "KPU", units, rate)
    if flink:
        yield item.fixed("Processing (orchestration)", "KPU", 1, rate)
        running = item.usage(UNITS) or units
        stored = None if running is None else running * STORAGE_A_UNIT
        yield item.fixed("Running storage", "GB", stored, item.rate("kinesisanalytics", "running-storage"))
        yield from BACKUP.components(item)


def _units(parallelism: Attributes) -> Decimal | None:
    """The units that an application's own parallelism takes, where it doesn't scale by itself."""
    if parallelism.word("configuration_type") != "CUSTOM" or parallelism.flag("auto_scaling_enabled"):
        return None
    tasks, each = parallelism.number("parallelism", 1), parallelism.number("parallelism_per_kpu", 1)
    return None if tasks is None or not each else (tasks / each).to_integral_value(ROUND_CEILING)

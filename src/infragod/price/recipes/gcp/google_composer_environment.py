"""google_composer_environment: Composer 3 by compute units in use, Composer 2 by what its workloads are given."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, HOURS, Attributes, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import UNKNOWN, Component

BY_UNITS: Final = (
    Use("Compute", "DCU-hours", "monthly_dcu_hours", "composer", "dcu"),
    Use("Database storage", "GB-hours", "monthly_database_gb_hours", "composer", "database"),
)
PARTS: Final = (
    ("vCPUs", "vCPU-hours", "cpu"),
    ("Memory", "GB-hours", "memory_gb"),
    ("Storage", "GB-hours", "storage_gb"),
)
WORKLOADS: Final = (("scheduler", "count"), ("web_server", ""), ("worker", "min_count"), ("triggerer", "count"))
DIMENSIONS: Final = (
    *dimensions(*BY_UNITS),
    Dimension("Environment (<size>)", "hours"),
    *(Dimension(name, unit) for name, unit, _ in PARTS),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one environment; those of Composer 1 are a cluster and a fee that the plan does not tell."""
    locate(item)
    config = item.block("config")
    if config.block("software_config").word("image_version").startswith("composer-3"):
        yield from components(item, BY_UNITS)
        return
    size = config.text("environment_size", "ENVIRONMENT_SIZE_SMALL")
    shown = size.removeprefix("ENVIRONMENT_SIZE_").lower() if isinstance(size, str) else AFTER_APPLY
    rate = item.rate("composer", f"environment/{shown}" if isinstance(size, str) else UNKNOWN)
    yield item.hours(f"Environment ({shown})", rate)
    for name, unit, attribute in PARTS:
        amount = _sum(config.block("workloads_config"), attribute)
        yield item.fixed(name, unit, times(amount, HOURS), item.rate("composer", attribute.partition("_")[0]))


def _sum(workloads: Attributes, attribute: str) -> Decimal | None:
    """What all workloads are given, at their least number; None where the plan does not say."""
    total = Decimal(0)
    for name, count in WORKLOADS:
        block = workloads.block(name)
        if not block:
            if name == "triggerer":
                continue
            return None
        default = 0 if name == "triggerer" and attribute == "storage_gb" else None
        part = times(block.number(attribute, default), block.number(count, 1) if count else 1)
        if part is None:
            return None
        total += part
    return total

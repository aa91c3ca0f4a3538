"""google_cloudfunctions_function: invocations, and CPU and memory while they run."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item, Rate
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import Basis, Component

INVOCATIONS: Final = "monthly_function_invocations"
DURATION: Final = "request_duration_ms"
EGRESS: Final = "monthly_outbound_data_gb"
DEFAULT_MEMORY: Final = 256
GIGAHERTZ: Final = ((128, "0.2"), (256, "0.4"), (512, "0.8"), (1024, "1.4"), (2048, "2.4"), (4096, "4.8"))
DIMENSIONS: Final = (
    Dimension("CPU", "GHz-seconds", (INVOCATIONS, DURATION)),
    Dimension("Memory", "GB-seconds", (INVOCATIONS, DURATION)),
    Dimension("Invocations", "1M invocations", (INVOCATIONS,)),
    Dimension("Outbound data transfer", "GB", (EGRESS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one function; its CPU goes with its memory."""
    locate(item)
    memory = item.number("available_memory_mb", DEFAULT_MEMORY)
    gigahertz = None if memory is None else _gigahertz(memory)
    gigabytes = None if memory is None else memory / 1024
    yield _while_running(item, "CPU", "GHz-seconds", gigahertz, item.rate("functions", "ghz-second"))
    yield _while_running(item, "Memory", "GB-seconds", gigabytes, item.rate("functions", "gb-second"))
    yield item.used("Invocations", "1M invocations", INVOCATIONS, item.rate("functions", "invocations"), per=10**6)
    yield item.used("Outbound data transfer", "GB", EGRESS, item.rate("functions", "egress"))


def _gigahertz(memory: Decimal) -> Decimal:
    return next((Decimal(speed) for upto, speed in GIGAHERTZ if memory <= upto), Decimal("4.8"))


def _while_running(item: Item, name: str, unit: str, size: Decimal | None, rate: Rate) -> Component:
    """The seconds of all invocations, in steps of 100 ms, by a size."""
    duration, invocations = item.usage(DURATION), item.usage(INVOCATIONS)
    if duration is None or invocations is None or size is None:
        return item.used(name, unit, DURATION if duration is None else INVOCATIONS, rate)
    quantity = invocations * max(-(-duration // 100), Decimal(1)) / 10 * size
    cost = None if rate.price is None else quantity * rate.price
    basis = Basis.UNKNOWN if cost is None else Basis.ASSUMED
    note = rate.note or item.usage_note(INVOCATIONS)
    return Component(name, unit, quantity, rate.price, cost, basis, rate.source, note)

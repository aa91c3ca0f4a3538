"""aws_sfn_state_machine: transitions of a standard workflow; requests and GB-hours of an express one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.tiers import tiered
from infragod.resource import Component

TRANSITIONS: Final = "monthly_transitions"
REQUESTS: Final = "monthly_requests"
MEMORY: Final = "memory_mb"
DURATION: Final = "workflow_duration_ms"
HOUR: Final = 3_600_000  # milliseconds
TIERS: Final = ((1000, "first 1K"), (5000, "next 4K"), (None, "over 5K"))
DIMENSIONS: Final = (
    Dimension("Transitions", "1K transitions", (TRANSITIONS,)),
    Dimension("Requests", "1M requests", (REQUESTS,)),
    Dimension("Duration", "GB-hours", (REQUESTS, MEMORY, DURATION)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one workflow by its type."""
    if item.word("type", "STANDARD") != "EXPRESS":
        yield item.used("Transitions", "1K transitions", TRANSITIONS, item.rate("sfn", "transitions"), per=1000)
        return
    yield item.used("Requests", "1M requests", REQUESTS, item.rate("sfn", "requests"), per=10**6)
    tiers = [
        (None if upto is None else Decimal(upto), item.rate("sfn", f"duration/{number}"), name)
        for number, (upto, name) in enumerate(TIERS, start=1)
    ]
    yield from tiered(item, "Duration", "GB-hours", DURATION, tiers, _gigabyte_hours(item))


def _gigabyte_hours(item: Item) -> Decimal | None:
    """What the requests take of memory and time."""
    requests, memory, duration = (item.usage(key) for key in (REQUESTS, MEMORY, DURATION))
    if requests is None or memory is None or duration is None:
        return None
    return requests * memory / 1024 * duration / HOUR

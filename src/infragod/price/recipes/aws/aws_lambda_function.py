"""aws_lambda_function: requests, GB-seconds in tiers, ephemeral storage above 512 MB."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.tiers import tiered
from infragod.resource import Component

REQUESTS: Final = "monthly_requests"
DURATION: Final = "request_duration_ms"
DEFAULT_MEMORY: Final = 128
FREE_STORAGE: Final = 512
BILLION: Final = 10**9
TIERS: Final = {
    "x86": ((6 * BILLION, "first 6B"), (15 * BILLION, "next 9B"), (None, "over 15B")),
    "arm": ((7_500_000_000, "first 7.5B"), (18_750_000_000, "next 11.25B"), (None, "over 18.75B")),
}
DIMENSIONS: Final = (
    Dimension("Requests", "1M requests", (REQUESTS,)),
    Dimension("Duration", "GB-seconds", (REQUESTS, DURATION)),
    Dimension("Ephemeral storage", "GB-seconds", (REQUESTS, DURATION)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one function."""
    yield item.used("Requests", "1M requests", REQUESTS, item.rate("lambda", "requests"), per=10**6)
    chip = "arm" if item.value("architectures") == ["arm64"] else "x86"
    tiers = [
        (None if upto is None else Decimal(upto), item.rate("lambda", f"{chip}/{number}"), name)
        for number, (upto, name) in enumerate(TIERS[chip], start=1)
    ]
    memory = item.number("memory_size", DEFAULT_MEMORY)
    seconds = _seconds(item)
    used = None if memory is None or seconds is None else seconds * memory / 1024
    yield from tiered(item, "Duration", "GB-seconds", DURATION, tiers, used)
    storage = item.block("ephemeral_storage").number("size", FREE_STORAGE)
    if storage is not None and storage > FREE_STORAGE:
        extra = None if seconds is None else seconds * (storage - FREE_STORAGE) / 1024
        rates = [(None, item.rate("lambda", "ephemeral"), f"above {FREE_STORAGE} MB")]
        yield from tiered(item, "Ephemeral storage", "GB-seconds", DURATION, rates, extra)


def _seconds(item: Item) -> Decimal | None:
    requests, duration = item.usage(REQUESTS), item.usage(DURATION)
    return None if requests is None or duration is None else requests * duration / 1000

"""aws_lambda_provisioned_concurrency_config: memory kept warm all month; requests and their duration as used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, NOTHING, Item
from infragod.price.recipes.aws.aws_lambda_function import DEFAULT_MEMORY, DURATION, REQUESTS
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.tiers import tiered
from infragod.resource import Component

SECONDS: Final = 3600
WARM: Final = "provisioned_concurrency_hours"
DIMENSIONS: Final = (
    Dimension("Provisioned Concurrency", "GB-seconds", (WARM,)),
    Dimension("Requests", "1M requests", (REQUESTS,)),
    Dimension("Duration", "GB-seconds", (REQUESTS, DURATION)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one configuration, by the memory and chip of its function."""
    function = next(iter(item.joined("function_name", "aws_lambda_function")), NOTHING)
    chip = "arm" if function.value("architectures") == ["arm64"] else "x86"
    memory = function.number("memory_size", DEFAULT_MEMORY) if function else None
    gigabytes = None if memory is None else memory / 1024
    hours = item.usage(WARM)
    warm = times(gigabytes, item.number("provisioned_concurrent_executions"))
    seconds = times(warm, SECONDS * (HOURS if hours is None else hours))
    note = "" if function else "the function is not in this plan"
    yield item.fixed("Provisioned Concurrency", "GB-seconds", seconds, item.rate("lambda", f"{chip}/provisioned"), note)
    yield item.used("Requests", "1M requests", REQUESTS, item.rate("lambda", "requests"), per=10**6)
    yield from _duration(item, gigabytes, chip)


def _duration(item: Item, gigabytes: Decimal | None, chip: str) -> Iterator[Component]:
    """Duration on warm capacity, cheaper than that of the function alone."""
    rate = item.rate("lambda", f"{chip}/provisioned-duration")
    requests, duration = item.usage(REQUESTS), item.usage(DURATION)
    known = None not in (gigabytes, requests, duration)
    used = times(times(requests, gigabytes), duration) if known else None
    tiers = [(None, rate, "on provisioned concurrency")]
    yield from tiered(item, "Duration", "GB-seconds", DURATION, tiers, None if used is None else used / 1000)

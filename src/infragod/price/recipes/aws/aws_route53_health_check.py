"""aws_route53_health_check: the check, and its options; both dearer for endpoints outside AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

FAST: Final = 10  # seconds
ENDPOINT: Final = "endpoint_type"
WITHOUT_OPTIONS: Final = ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL")
DIMENSIONS: Final = (
    Dimension("Health check", "months", (ENDPOINT,)),
    Dimension("Optional features", "months", (ENDPOINT,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one check; an endpoint counts as one in AWS unless usage says `non_aws`."""
    place = (item.choice(ENDPOINT) or "aws").replace("_", "-")
    yield item.fixed("Health check", "months", 1, item.global_rate("route53", f"health-check/{place}"))
    options = _options(item)
    if options:
        rate = item.global_rate("route53", f"health-check/{place}/option")
        yield item.fixed("Optional features", "months", options, rate)


def _options(item: Item) -> int:
    """How many options the check has: HTTPS, a text to find, latency, a short interval."""
    kind = item.word("type")
    if kind in WITHOUT_OPTIONS:
        return 0
    chosen = ("HTTPS" in kind, "STR_MATCH" in kind, item.flag("measure_latency"))
    return sum(chosen) + (item.number("request_interval", 30) == FAST)

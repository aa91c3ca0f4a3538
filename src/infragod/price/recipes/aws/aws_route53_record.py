"""aws_route53_record: queries by the way of routing; those of an alias to AWS are free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

TIERS: Final = ((1000, "first 1B"), (None, "over 1B"))
LINES: Final = tuple(
    Use(name, "1M queries", usage, "route53", price, per=10**6, tiers=TIERS, extra=extra, everywhere=True)
    for name, usage, price, extra in (
        ("Standard queries", "monthly_standard_queries", "queries/standard", False),
        ("Latency based routing queries", "monthly_latency_based_queries", "queries/latency", True),
        ("Geo DNS queries", "monthly_geo_queries", "queries/geo", True),
    )
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The queries of one record."""
    if not item.block("alias"):
        yield from components(item, LINES)

"""aws_route53_resolver_endpoint: its addresses by the hour, and the queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

QUERIES: Final = "monthly_queries"
DIMENSIONS: Final = (Dimension("Resolver endpoints", "hours"), Dimension("DNS queries", "1M queries", (QUERIES,)))


def price(item: Item) -> Iterator[Component]:
    """The components of one endpoint: a network interface for each address."""
    addresses = len(item.blocks("ip_address")) or None
    yield item.hours("Resolver endpoints", item.rate("route53", "resolver/hours"), addresses)
    yield item.used("DNS queries", "1M queries", QUERIES, item.rate("route53", "resolver/queries"), per=10**6)

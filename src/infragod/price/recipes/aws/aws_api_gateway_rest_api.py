"""aws_api_gateway_rest_api: requests in tiers; a cache is its stage's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

TIERS: Final = ((333, "first 333M"), (1000, "next 667M"), (20_000, "next 19B"), (None, "over 20B"))
LINES: Final = (
    Use("Requests", "1M requests", "monthly_requests", "apigateway", "rest/requests", per=10**6, tiers=TIERS),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The requests of one API."""
    yield from components(item, LINES)

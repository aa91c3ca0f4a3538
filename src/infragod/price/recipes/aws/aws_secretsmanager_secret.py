"""aws_secretsmanager_secret: one secret a month, and requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

REQUESTS: Final = "monthly_requests"
DIMENSIONS: Final = (Dimension("Secret", "months"), Dimension("API requests", "10k requests", (REQUESTS,)))


def price(item: Item) -> Iterator[Component]:
    """The components of one secret; each replica is a secret of its own."""
    copies = 1 + len(item.blocks("replica"))
    yield item.fixed("Secret", "months", copies, item.rate("secretsmanager", "secret"))
    yield item.used("API requests", "10k requests", REQUESTS, item.rate("secretsmanager", "requests"), per=10_000)

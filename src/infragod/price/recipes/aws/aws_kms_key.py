"""aws_kms_key: one key a month, and requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

REQUESTS: Final = "monthly_requests"
DIMENSIONS: Final = (Dimension("Customer master key", "months"), Dimension("Requests", "10k requests", (REQUESTS,)))


def price(item: Item) -> Iterator[Component]:
    """The components of one key; requests of asymmetric keys have prices of their own."""
    yield item.fixed("Customer master key", "months", 1, item.rate("kms", "key"))
    kind = item.word("customer_master_key_spec", "SYMMETRIC_DEFAULT")
    key = "requests" if kind == "SYMMETRIC_DEFAULT" else f"requests/{kind.lower()}"
    yield item.used("Requests", "10k requests", REQUESTS, item.rate("kms", key), per=10_000)

"""aws_sqs_queue: requests, dearer for FIFO queues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

REQUESTS: Final = "monthly_requests"
DIMENSIONS: Final = (Dimension("Requests", "1M requests", (REQUESTS,)),)


def price(item: Item) -> Iterator[Component]:
    """The requests of one queue."""
    key = "fifo" if item.flag("fifo_queue") else "standard"
    yield item.used("Requests", "1M requests", REQUESTS, item.rate("sqs", key), per=10**6)

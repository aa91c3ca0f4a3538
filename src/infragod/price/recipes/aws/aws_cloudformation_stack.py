"""aws_cloudformation_stack and its set: operations of handlers of third parties; those of AWS are free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Handler operations", "operations", "monthly_handler_operations", "cloudformation", "operations"),
    Use("Durations above 30s", "seconds", "monthly_duration_secs", "cloudformation", "seconds"),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The operations of third-party resource types in the stack; none is known from its template."""
    yield from components(item, LINES)

"""aws_config_configuration_recorder: items recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Config items", "records", "monthly_config_items", "config", "items"),
    Use("Custom config items", "records", "monthly_custom_config_items", "config", "custom-items"),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The items of one recorder."""
    yield from components(item, LINES)

"""aws_config_config_rule and those of an organisation: evaluations in tiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

TIERS: Final = ((100_000, "first 100K"), (500_000, "next 400K"), (None, "over 500K"))
LINES: Final = (
    Use("Rule evaluations", "evaluations", "monthly_rule_evaluations", "config", "evaluations", tiers=TIERS),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The evaluations of one rule."""
    yield from components(item, LINES)

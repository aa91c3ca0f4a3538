"""Tiered prices: the first so many units at one price, the next at another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from infragod.price.item import Item, Rate
from infragod.resource import Basis, Component

Tier = tuple[Decimal | None, Rate, str]  # up to this many units in all (None: the rest), the rate, its name


def split(quantity: Decimal, tiers: Sequence[Tier]) -> Iterator[tuple[Decimal, Rate, str]]:
    """The part of a quantity that each tier takes; empty parts are left out."""
    low = Decimal(0)
    for upto, rate, name in tiers:
        part = (quantity if upto is None else min(quantity, upto)) - low
        if part > 0:
            yield part, rate, name
        low = quantity if upto is None else upto


def tiered(
    item: Item, name: str, unit: str, key: str, tiers: Sequence[Tier], quantity: Decimal | None
) -> Iterator[Component]:
    """A component for each tier that the usage reaches; the first tier's price where usage is unknown."""
    if quantity is None:
        _, rate, _ = tiers[0]
        yield item.used(name, unit, key, rate)
        return
    for part, rate, suffix in split(quantity, tiers):
        cost = None if rate.price is None else part * rate.price
        basis = Basis.UNKNOWN if cost is None else Basis.ASSUMED
        note = rate.note or item.usage_note(key)
        yield Component(f"{name} ({suffix})", unit, part, rate.price, cost, basis, rate.source, note)

"""Tiered prices: the first so many units at one price, the next at another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from infragod.price.item import Item, Rate, assumed, ranged
from infragod.price.usage import Measure
from infragod.resource import Component

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
    item: Item,
    name: str,
    unit: str,
    key: str,
    tiers: Sequence[Tier],
    quantity: Decimal | None,
    *,
    per: int = 0,
    free: int = 0,
) -> Iterator[Component]:
    """A component for each tier that the usage reaches; the first tier's price where usage is unknown.

    `per` things of the usage key are one unit and `free` cost nothing; 0 where several keys make the quantity.
    """
    if quantity is not None:
        yield from _reached(quantity, tiers, name, unit, item.usage_note(key))
        return
    rate = tiers[0][1]
    unused = Decimal(free) / (per or 1)
    measure = item.measured(rate)
    if measure is not None and measure.quantity is not None and measure.quantity > unused:
        parts = list(_reached(measure.quantity - unused, tiers, name, unit, measure.note))
        yield from _ranged(parts, measure, tiers, unused)
        return
    alone = item.used(name, unit, key, rate, per=per or 1, free=free, direct=per > 0)
    if measure is not None:
        alone = ranged(alone, measure, lambda units: cost(max(units - unused, Decimal(0)), tiers))
    yield alone


def cost(quantity: Decimal, tiers: Sequence[Tier]) -> Decimal:
    """What a quantity costs in all, by the prices that are known."""
    return sum((part * rate.price for part, rate, _ in split(quantity, tiers) if rate.price is not None), Decimal(0))


def _reached(quantity: Decimal, tiers: Sequence[Tier], name: str, unit: str, note: str) -> Iterator[Component]:
    for part, rate, suffix in split(quantity, tiers):
        yield assumed(f"{name} ({suffix})", unit, part, rate, note)


def _ranged(parts: list[Component], measure: Measure, tiers: Sequence[Tier], unused: Decimal) -> Iterator[Component]:
    """The parts with what siblings would cost in each; the last has what they would cost in the tiers beyond."""
    for number, part in enumerate(parts):
        own = tiers[number : number + 1] if number < len(parts) - 1 else tiers[number:]
        begin = tiers[number - 1][0] if number else Decimal(0)

        def of_own(units: Decimal, own: Sequence[Tier] = own, begin: Decimal = begin or Decimal(0)) -> Decimal:
            return cost(max(units - unused, Decimal(0)), [(begin, Rate(None), ""), *own])

        yield ranged(part, measure, of_own)

"""One resource: which line of the bill belongs to which component of the estimate, and what the error is made of.

A line belongs to the component that counts the same thing and whose price is nearest to the line's own, if neither
price is more than three times the other. What belongs to none nobody had predicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from infragod.finance.accuracy import (
    EXACT,
    SCALE,
    ZERO,
    Billed,
    Compared,
    Line,
    Outcome,
    Part,
    Parts,
    Predicted,
    Prediction,
    units,
)

NEAREST: Final = 3
"""How many times a billed price may be the estimated one, or the other way round, and still be the same thing's."""


def compare(prediction: Prediction, billed: Billed, share: tuple[int, int] = (1, 1)) -> Compared:
    """The resource's estimate, of `share` of a month (its days, of those of the month), against its bill."""
    matched: list[list[Line]] = [[] for _ in prediction.components]
    unpredicted: list[Line] = []
    for line in billed.lines:
        place = nearest(line, prediction.components)
        (unpredicted if place is None else matched[place]).append(line)
    parts = tuple(_part(c, lines, share) for c, lines in zip(prediction.components, matched, strict=True))
    loose = Parts(billed=sum((u.cost for u in unpredicted), ZERO), unknown=sum((u.cost for u in unpredicted), ZERO))
    figures = sum((part.figures for part in parts), loose)
    return Compared(prediction, Outcome.COMPARED, figures, parts, tuple(unpredicted), billed.apart)


def nearest(line: Line, components: Sequence[Predicted]) -> int | None:
    """The place of the component that the line belongs to."""
    found: list[tuple[Decimal, int]] = []
    for place, component in enumerate(components):
        distance = _distance(line, component)
        if distance is not None and distance <= NEAREST:
            found.append((distance, place))
    return min(found)[1] if found else None


def _distance(line: Line, component: Predicted) -> Decimal | None:
    """How many times one price is the other; None where they can't be compared."""
    price = _price(component)
    times = _times(line, component)
    own = _own_price(line)
    if not price or not own or line.quantity is None or times is None or price < 0 or own < 0:
        return None
    expected = EXACT.multiply(price, times)
    return max(EXACT.divide(own, expected), EXACT.divide(expected, own))


def _times(line: Line, component: Predicted) -> Decimal | None:
    """How many of the component's units one of the line's is."""
    return units.convert(line.unit, units.of_component(component.name, component.unit))


def _own_price(line: Line) -> Decimal | None:
    if line.price is not None:
        return line.price
    return EXACT.divide(line.cost, line.quantity) if line.quantity else None


def _price(component: Predicted) -> Decimal | None:
    if component.price is not None or component.cost is None or not component.quantity:
        return component.price
    return EXACT.divide(component.cost, component.quantity)


def _part(component: Predicted, lines: Iterable[Line], share: tuple[int, int]) -> Part:
    """The figures of one component: exact sums, with rate rounded at the lake's scale and quantity taking the rest."""
    lines = tuple(lines)
    billed = sum((line.cost for line in lines), ZERO)
    quantity = _quantity(component, lines)
    if component.cost is None:
        return Part(component, lines, quantity, Parts(billed=billed, unknown=billed), known=False)
    at_price = EXACT.multiply(_price(component) or ZERO, quantity or ZERO)
    rate = at_scale(EXACT.subtract(billed, at_price))
    estimated = at_scale(EXACT.divide(EXACT.multiply(component.cost, Decimal(share[0])), Decimal(share[1])))
    return Part(component, lines, quantity, Parts(estimated, billed, rate, billed - estimated - rate))


def _quantity(component: Predicted, lines: Sequence[Line]) -> Decimal | None:
    """What the lines count, in the component's unit."""
    total = ZERO
    for line in lines:
        times = _times(line, component)
        total = EXACT.add(total, EXACT.multiply(line.quantity or ZERO, times or ZERO))
    return total


def at_scale(amount: Decimal) -> Decimal:
    """Rounded to what the stores keep."""
    return amount.quantize(SCALE, ROUND_HALF_EVEN, EXACT)

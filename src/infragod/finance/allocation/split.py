"""Splits whole units by weights: the parts sum to the amount, always, and the same input gives the same parts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

PLACES: Final = 12
UNIT: Final = 10**PLACES
"""Units of one: amounts are whole numbers of the lake's last decimal."""


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` by `weights`, none of them negative and one positive; what rounding leaves goes to largest remainders.

    Of equal remainders the earlier part takes it, so callers sort their targets.
    """
    total = sum(weights)
    parts = [divmod(amount * weight, total) for weight in weights]
    return _level([q for q, _ in parts], [r for _, r in parts], amount)


def settle(parts: Sequence[Fraction], amount: int) -> list[int]:
    """Exact parts of `amount` as whole units, by largest remainders."""
    floors = [part.numerator // part.denominator for part in parts]
    return _level(floors, [part - floor for part, floor in zip(parts, floors, strict=True)], amount)


def _level(floors: list[int], remainders: Sequence[int] | Sequence[Fraction], amount: int) -> list[int]:
    left = amount - sum(floors)
    if left:
        for i in sorted(range(len(floors)), key=lambda i: remainders[i], reverse=True)[:left]:
            floors[i] += 1
    return floors


def units(amount: Decimal) -> int:
    """`amount` in units; it has no more decimals than the lake."""
    return int(f"{amount:.{PLACES}f}".replace(".", ""))


def text(amount: int) -> str:
    """Units as decimal text, exact however large."""
    whole, rest = divmod(abs(amount), UNIT)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{PLACES}d}"

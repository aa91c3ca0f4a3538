"""Tiers: they take all of a quantity, without a gap and without a step."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from infragod.price.item import Rate
from infragod.price.tiers import Tier, split

AMOUNTS = st.decimals(0, 10**6, places=3, allow_nan=False)
TIERS: list[Tier] = [
    (Decimal(10), Rate(Decimal(3)), "first 10"),
    (Decimal(100), Rate(Decimal(2)), "next 90"),
    (None, Rate(Decimal(1)), "over 100"),
]


def cost(quantity: Decimal) -> Decimal:
    return sum((part * (rate.price or 0) for part, rate, _ in split(quantity, TIERS)), Decimal(0))


@given(AMOUNTS)
def test_all_of_the_quantity_is_billed(quantity: Decimal) -> None:
    assert sum((part for part, _, _ in split(quantity, TIERS)), Decimal(0)) == quantity


@given(AMOUNTS, AMOUNTS)
def test_more_never_costs_less_and_no_step_is_higher_than_the_dearest_tier(quantity: Decimal, more: Decimal) -> None:
    assert 0 <= cost(quantity + more) - cost(quantity) <= more * 3


def test_the_parts() -> None:
    assert [(part, name) for part, _, name in split(Decimal(150), TIERS)] == [
        (Decimal(10), "first 10"),
        (Decimal(90), "next 90"),
        (Decimal(50), "over 100"),
    ]
    assert cost(Decimal(150)) == 10 * 3 + 90 * 2 + 50

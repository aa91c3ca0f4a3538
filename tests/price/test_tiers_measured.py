"""Measured usage of tiered prices, and what a range costs across tiers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from infragod.price.item import Item, Rate
from infragod.price.joins import Joins
from infragod.price.sheet import Prices
from infragod.price.tiers import cost, tiered
from infragod.price.usage import Measure, Name, Siblings, Usage
from infragod.resource import Basis, Commitment, Component, Plan, Resource

NAME = ("aws", "lambda", "us-east-1", "x86/1")
TIERS = [
    (Decimal(10), Rate(Decimal(3), name=NAME), "first 10"),
    (Decimal(30), Rate(Decimal(2)), "next 20"),
    (None, Rate(Decimal(1)), "over 30"),
]


class Known:
    """What is measured of everything: the same."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure

    def find(self, address: str, kind: str, name: Name) -> Measure | None:
        return self.measure if name == NAME else None

    def cover(self, resources: object) -> tuple[Commitment, ...]:
        return ()


def parts(measure: Measure, free: int = 0) -> list[Component]:
    """The components of a measured resource."""
    resource = Resource("aws_x.a", "aws_x", "aws", "us-east-1", {})
    item = Item(resource, Joins(Plan("", "", (), {}, "")), Prices(), Usage((), Known(measure)), date(2026, 11, 22))
    return list(tiered(item, "Use", "GB", "gb", TIERS, None, per=1, free=free))


def test_all_that_was_measured_is_split_and_what_is_free_is_left_out() -> None:
    made = parts(Measure(Decimal(40), "measured"), free=5)
    assert [(c.name, c.monthly_quantity, c.basis) for c in made] == [
        ("Use (first 10)", Decimal(10), Basis.ASSUMED),
        ("Use (next 20)", Decimal(20), Basis.ASSUMED),
        ("Use (over 30)", Decimal(5), Basis.ASSUMED),
    ]
    assert {c.note for c in made} == {"measured"}
    (free,) = parts(Measure(Decimal(4), "measured"), free=5)
    assert (free.monthly_cost, free.basis) == (Decimal(0), Basis.ASSUMED)


@given(st.decimals(0, 90, places=1), st.decimals(0, 90, places=1), st.integers(0, 20))
def test_the_parts_of_a_range_add_up_to_what_it_costs(one: Decimal, other: Decimal, free: int) -> None:
    low, high = sorted((one, other))
    for quantity in (None, low):
        made = parts(Measure(quantity, "median", Siblings(5, low, high)), free=free)
        for name, units in (("monthly_cost_p50", low), ("monthly_cost_p90", high)):
            whole = cost(max(units - free, Decimal(0)), TIERS)
            assert sum(getattr(component, name) for component in made) == whole
        if quantity is not None:
            assert sum(c.monthly_cost or 0 for c in made) == sum(c.monthly_cost_p50 or 0 for c in made)

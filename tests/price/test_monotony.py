"""More of anything never costs less: every number of every example, and every usage key, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.price.estimate import run
from infragod.price.item import Item
from infragod.price.joins import Joins
from infragod.price.recipes import RECIPES, dimensions_of, recipe_of
from infragod.price.recipes.dimension import CHOICES
from infragod.price.sheet import Prices
from infragod.price.usage import Amount, Usage
from infragod.resource import Resource
from infragod.terraform.plan import read

DAY = date(2026, 11, 22)
PLANS = Path(__file__).parent / "plans"
NAMES = sorted(path.stem for path in PLANS.glob("*.json"))
# Where more of an attribute is not more of a thing that is paid for.
NOT_MORE = {
    "period": "an alarm that looks less often is a cheaper one",
    "request_interval": "a health check that looks less often is a cheaper one",
    "weighted_capacity": "a stronger instance makes fewer of them",
    "parallelism_per_kpu": "more tasks a unit make fewer units",
    "spot_price": "a bid is no price",
}
# Where the price list itself steps down: from 400 GB on, gp3 storage of a database includes 12,000 IOPS; each 20 GB of
# a file system include 1 MiB/s, which costs more than they do where it is provisioned apart.
STEP_DOWN = {("aws_db_instance", "allocated_storage"), ("aws_efs_file_system", "storage_gb")}


@dataclass(frozen=True)
class Fixed:
    """Usage that says the same amount for one key, and a little for all others."""

    key: str = ""
    amount: Decimal = Decimal(0)

    def find(self, address: str, kind: str, key: str) -> Amount | None:
        """The amount; choices are left open."""
        del address, kind
        if key in CHOICES:
            return None
        return Amount(self.amount if key == self.key else Decimal(3), "test")


def resources(name: str) -> tuple[Joins, list[Resource]]:
    """The plan's resources that have a recipe."""
    plan = read(PLANS / f"{name}.json", b"key")
    after = [change.after for change in plan.changes if change.after is not None]
    return Joins(plan), [resource for resource in after if resource.type in RECIPES]


def cost(resource: Resource, joins: Joins, usage: Fixed | None = None) -> Decimal | None:
    """What the resource costs, where all of it is known."""
    recipe = recipe_of(resource.type)
    assert recipe is not None
    side = run(recipe, Item(resource, joins, Prices(), Usage((usage,) if usage else ()), DAY))
    known = [component.monthly_cost for component in side.components if component.monthly_cost is not None]
    return sum(known, Decimal(0)) if known or not side.components else None


def numbers(values: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of the numbers in a resource's values."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from numbers(value, (*path, key))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from numbers(value, (*path, index))
    elif isinstance(values, int | float) and not isinstance(values, bool):
        yield path


def doubled(resource: Resource, path: tuple[Any, ...]) -> Resource:
    """The resource with the number at that path twice as large."""
    values = deepcopy(dict(resource.values))
    block: Any = values
    for step in path[:-1]:
        block = block[step]
    block[path[-1]] *= 2
    return replace(resource, values=values)


@pytest.mark.parametrize("name", NAMES)
def test_more_in_the_plan_never_costs_less(name: str) -> None:
    joins, found = resources(name)
    for resource in found:
        for path in numbers(resource.values):
            if path[-1] in NOT_MORE or (resource.type, path[-1]) in STEP_DOWN:
                continue
            one, two = cost(resource, joins), cost(doubled(resource, path), joins)
            assert one is None or two is None or two >= one, (resource.address, path)


@pytest.mark.parametrize("name", NAMES)
def test_more_usage_never_costs_less(name: str) -> None:
    joins, found = resources(name)
    for resource in found:
        keys = {key for dimension in dimensions_of(resource.type) for key in dimension.usage} - CHOICES.keys()
        for key in sorted(key for key in keys if (resource.type, key) not in STEP_DOWN):
            costs = [cost(resource, joins, Fixed(key, Decimal(amount))) for amount in (0, 1, 999, 10**4, 10**7, 10**10)]
            known = [amount for amount in costs if amount is not None]
            assert known == sorted(known), (resource.address, key)


@given(st.decimals(0, 10**11, places=0), st.decimals(0, 10**11, places=0))
def test_tiers_are_steady(one: Decimal, two: Decimal) -> None:
    joins, found = resources("aws_used_only")
    low, high = sorted((one, two))
    for resource in found[:3]:
        costs = [cost(resource, joins, Fixed("monthly_requests", amount)) for amount in (low, high)]
        assert costs[0] is None or costs[1] is None or costs[0] <= costs[1]


def test_every_type_has_an_example() -> None:
    seen = {resource.type for name in NAMES for resource in resources(name)[1]}
    assert set(RECIPES) - seen == set()

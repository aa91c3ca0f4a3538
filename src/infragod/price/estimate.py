"""What a plan costs a month, before and after: each resource by its recipe, each unknown by its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from infragod.errors import InputError
from infragod.price.advice import advise
from infragod.price.item import Item, Key, Read, Unpriceable
from infragod.price.joins import Joins, changes_of
from infragod.price.recipes import Recipe, is_free, recipe_of
from infragod.price.sheet import CURRENCY, Prices
from infragod.price.usage import Usage
from infragod.resource import (
    OWN_RATE,
    UNKNOWN,
    Action,
    Basis,
    Change,
    Component,
    Estimate,
    Plan,
    PricedResource,
    Resource,
)

ZERO: Final = Decimal(0)
FORGOTTEN: Final = "no longer managed by Terraform; it goes on costing"


@dataclass(frozen=True, slots=True)
class Side:
    """What a resource costs as it is on one side of its change."""

    cost: Decimal | None
    components: tuple[Component, ...]
    complete: bool


NOTHING: Final = Side(ZERO, (), complete=True)
UNPRICED: Final = Side(None, (), complete=False)


def estimate(plan: Plan, prices: Prices, usage: Usage, *, currency: str, as_of: date) -> Estimate:
    """The estimate of a plan: no-ops count, data sources don't, what is unknown is named."""
    if currency != CURRENCY:
        raise InputError(
            f"prices are in {CURRENCY} and the currency is set to {currency}: set currency = {CURRENCY!r}, "
            "there is no exchange rate for estimates"
        )
    pricer = Pricer(plan, prices, usage, as_of)
    changes = changes_of(plan)
    resources = tuple(pricer.change(change) for change in changes)
    return Estimate(
        currency=currency,
        resources=resources,
        monthly_cost=sum((r.monthly_cost for r in resources if r.monthly_cost is not None), ZERO),
        monthly_cost_before=sum((r.monthly_cost_before for r in resources if r.monthly_cost_before is not None), ZERO),
        unknown=tuple(r.address for r in resources if not r.complete),
        prices=_sources(resources, prices),
        advice=advise(changes, pricer),
        commitments=usage.cover(resources),
    )


def _sources(resources: tuple[PricedResource, ...], prices: Prices) -> str:
    """The sheets, the months of what they hold of this plan, and how many sources that is; components name theirs."""
    named = {c.price_source for r in resources for c in r.components if c.price_source}
    own = sorted({source.split(", ")[1] for source in named if source.startswith(OWN_RATE)})
    listed = _listed(named, prices)
    return f"{OWN_RATE}s of {' and '.join(own)}, then the {listed.removeprefix('the ')}" if own else listed


def _listed(named: set[str], prices: Prices) -> str:
    """The same of the lists alone."""
    months = sorted({f"{source.date:%Y-%m}" for source in prices.sources if str(source) in named})
    if not months:
        return prices.title
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    count = sum(not source.startswith(OWN_RATE) for source in named)
    each = "1 source; --format json names it" if count == 1 else f"{count} sources; --format json names each"
    return f"{prices.title.removeprefix('the ')} of {span} ({each})"


class Pricer:
    """Prices the sides of changes, each distinct one once."""

    def __init__(self, plan: Plan, prices: Prices, usage: Usage, as_of: date) -> None:
        self._joins = Joins(plan)
        self._prices = prices
        self._usage = usage
        self._as_of = as_of
        self._sides: dict[int, tuple[Resource, Side]] = {}  # held, so that no other resource gets its identity
        self._memo: dict[tuple[str, str | None], dict[tuple[Read, ...], dict[Key, Side]]] = {}

    def change(self, change: Change) -> PricedResource:
        """The change's cost after and before.

        A deposed object is a deletion. A forgotten resource costs after the change what it cost before: Terraform lets
        go of it, the provider goes on billing it.
        """
        before = NOTHING if change.before is None or change.action is Action.CREATE else self.side(change.before)
        after = self._after(change, before)
        return PricedResource(
            address=change.address,
            type=change.type,
            action=change.action,
            monthly_cost=after.cost,
            monthly_cost_before=before.cost,
            components=after.components,
            complete=after.complete,
            complete_before=before.complete,
        )

    def _after(self, change: Change, before: Side) -> Side:
        if change.deposed or change.action is Action.DELETE:
            return NOTHING
        after = NOTHING if change.after is None else self.side(change.after)
        return _with_forgotten(after, before) if change.action is Action.FORGET else after

    def side(self, resource: Resource) -> Side:
        """One side's cost: by its recipe, free by its type or provider, or unknown."""
        known = self._sides.get(id(resource))
        if known is None:
            known = self._sides[id(resource)] = (resource, self._priced(resource))
        return known[1]

    def _priced(self, resource: Resource) -> Side:
        recipe = recipe_of(resource.type)
        if recipe is not None:
            return self._remembered(resource, recipe)
        return NOTHING if is_free(resource.provider, resource.type) else UNPRICED

    def _remembered(self, resource: Resource, recipe: Recipe) -> Side:
        """The side from a resource that answered the same to all that the recipe asked, or by running the recipe."""
        memo = self._memo.setdefault((resource.type, resource.region), {})
        for reads, sides in memo.items():
            side = sides.get(self._answers(resource, reads))
            if side is not None:
                return side
        item = Item(resource, self._joins, self._prices, self._usage, self._as_of)
        side = run(recipe, item)
        reads = tuple(dict.fromkeys(item.reads))
        memo.setdefault(reads, {})[self._answers(resource, reads)] = side
        return side

    def _answers(self, resource: Resource, reads: tuple[Read, ...]) -> Key:
        return tuple(self._answer(resource, kind, name) for kind, name in reads)

    def _answer(self, resource: Resource, kind: str, name: Any) -> Any:
        if kind == "value":
            return self._frozen(resource, name)
        if kind == "usage":
            return self._usage.find(resource.address, resource.type, name)
        if kind == "measured":
            return self._usage.measure(resource.address, resource.type, name)
        found = self._joins.users(resource.address)
        if kind == "join":
            found = self._joins.targets(resource.address, name)
        return tuple(id(target) for target in found)

    def _frozen(self, resource: Resource, name: str) -> Any:
        """The value as a dictionary's key; with what the configuration refers to, where it is not wholly known."""
        value = resource.values.get(name)
        if value is None or value.__class__ is str:
            return value
        text = repr(value)
        return (text, self._joins.paths(resource.address)) if value is UNKNOWN or "UNKNOWN" in text else (text,)


def run(recipe: Recipe, item: Item) -> Side:
    """One run of a recipe; a value that can't be makes the resource unknown, with the reason."""
    try:
        components = tuple(recipe(item))
    except Unpriceable as reason:
        why = Component("Resource", "months", None, None, None, Basis.UNKNOWN, note=str(reason))
        return Side(None, (why,), complete=False)
    known = [component.monthly_cost for component in components if component.monthly_cost is not None]
    complete = all(component.basis is not Basis.UNKNOWN for component in components)
    cost = sum(known, ZERO) if known or not components else None
    return Side(cost, components, complete)


def _with_forgotten(after: Side, before: Side) -> Side:
    left = tuple(replace(component, note=FORGOTTEN) for component in before.components)
    costs = [side.cost for side in (after, before) if side.cost is not None]
    cost = sum(costs, ZERO) if before.cost is not None else after.cost if after.components else None
    return Side(cost, after.components + left, after.complete and before.complete)

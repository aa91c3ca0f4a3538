"""What a recipe holds in its hand: a resource's attributes and references, its usage, and the prices of its region.

A recipe asks an ``Item`` for values and gets components back from it. What it asked is written down (``Item.reads``),
so that the next resource with the same answers costs a dictionary access instead of a second run of the recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from infragod.price.joins import Joins
from infragod.price.sheet import GLOBAL, ON_DEMAND, Prices
from infragod.price.usage import Measure, Name, Usage
from infragod.resource import UNKNOWN, Basis, Component, Resource, Unknown

HOURS: Final = Decimal(730)
ONE: Final = Decimal(1)
AFTER_APPLY: Final = "known after apply"

IMPORTS: Final = {"google": "gcp", "azurerm": "azure"}  # what importers are called, where not as the provider

Read = tuple[str, Any]
Key = tuple[Any, ...]


class Unpriceable(Exception):  # noqa: N818 - not an error of ours: the resource can't be as the plan says it is
    """A value that no resource can have (a negative size): nothing is guessed, the resource is unknown."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A unit price, or why there is none; by its `name` bills know how much of it is used, `factor` times a unit."""

    price: Decimal | None
    source: str = ""
    note: str = ""
    name: Name | None = None
    factor: Decimal = ONE

    def times(self, factor: Decimal, note: str = "") -> Rate:
        """The rate by a factor of the price list (a discount, two zones)."""
        price = None if self.price is None else self.price * factor
        return Rate(price, self.source, note or self.note, self.name, self.factor * factor)


@dataclass(frozen=True, slots=True)
class Asked:
    """A component that asked for usage: `per` things of the key are one unit; None: other keys count as well."""

    name: str
    unit: str
    key: str
    rate: Rate
    per: int | None


class Attributes:
    """The attributes of a resource or of a block in it."""

    def __init__(self, values: Mapping[str, Any], owner: Attributes | None = None, path: str = "") -> None:
        self._values = values
        self._owner = owner or self
        self._path = path

    def raw(self, name: str) -> Any:
        """The value as the plan has it."""
        return self._values.get(name)

    def value(self, name: str, default: Any = None) -> Any:
        """The value; `default` where it is absent, or left to the provider; ``UNKNOWN`` where the apply will tell.

        A plan marks as unknown also what the provider will fill in by its own default. The two are told apart by the
        configuration: an unknown value that nothing refers to is the provider's to choose.
        """
        value = self.raw(name)
        if value is None:
            return default
        if value is UNKNOWN and default is not None and not self._is_referenced(name):
            return default
        return value

    def text(self, name: str, default: str | None = None) -> str | Unknown | None:
        """The value as text; an empty text is an absent one."""
        value = self.value(name, default)
        if value == "":
            return default
        return value if value is None or value is UNKNOWN else str(value)

    def word(self, name: str, default: str = "") -> str:
        """The value as text where an unknown one is the same as the default (a choice with an everyday case)."""
        value = self.text(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int | str | None = None) -> Decimal | None:
        """The value as a number of 0 or more; None where the apply will tell."""
        value = self.value(name, default)
        if value is None or value is UNKNOWN:
            return None
        return to_number(value, self._path + name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """The value as yes or no; unknown counts as the default."""
        value = self.value(name, default)
        return default if value is UNKNOWN else value in (True, "true", "True")

    def blocks(self, name: str) -> list[Attributes]:
        """The blocks of that name; none where the provider fills them in."""
        value = self.raw(name)
        entries = value if isinstance(value, list) else [value]
        path = f"{self._path}{name}."
        return [Attributes(entry, self._owner, path) for entry in entries if isinstance(entry, Mapping)]

    def block(self, name: str) -> Attributes:
        """The first block of that name, or an empty one."""
        return next(iter(self.blocks(name)), NOTHING)

    def is_open(self, name: str) -> bool:
        """Whether the value is left to the provider: unknown, and nothing refers to it."""
        return self.raw(name) is UNKNOWN and not self._is_referenced(name)

    def _is_referenced(self, name: str) -> bool:
        return self._owner.is_referring(self._path + name)

    def is_referring(self, path: str) -> bool:
        """Whether the configuration refers to something in that attribute; a block without a resource does not."""
        return not path

    def __bool__(self) -> bool:
        """False for a block that isn't there."""
        return bool(self._values)


NOTHING: Final = Attributes({})


def to_number(value: Any, name: str) -> Decimal:
    """A plan's number; JSON numbers come as int, float or text."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Unpriceable(f"{name} is {value!r}, which is no number") from None
    if not number.is_finite() or number < 0:
        raise Unpriceable(f"{name} is {value}, which can't be")
    return number


class Linked(Attributes):
    """A resource with its references to others."""

    def __init__(self, resource: Resource, joins: Joins) -> None:
        super().__init__(resource.values)
        self.resource = resource
        self._joins = joins

    def joined(self, attribute: str, *kinds: str) -> list[Linked]:
        """The resources that the attribute refers to, of the given types."""
        found = self._joins.targets(self.resource.address, attribute)
        return [Linked(resource, self._joins) for resource in found if resource.type in kinds]

    def is_referring(self, path: str) -> bool:
        """Whether the configuration refers to something in that attribute."""
        return path in self._joins.paths(self.resource.address)


class Item(Linked):
    """A resource as its recipe sees it."""

    def __init__(self, resource: Resource, joins: Joins, prices: Prices, usage: Usage, as_of: date) -> None:
        super().__init__(resource, joins)
        self.region = resource.region
        self.as_of = as_of
        self.reads: list[Read] = []
        self.asked: list[Asked] = []
        self._prices = prices
        self._usage = usage

    def raw(self, name: str) -> Any:
        """The value, and a note that it was asked."""
        self.reads.append(("value", name))
        return self._values.get(name)

    def joined(self, attribute: str, *kinds: str) -> list[Linked]:
        """The resources that the attribute refers to, of the given types; and a note that it was asked."""
        self.reads.append(("join", attribute))
        return super().joined(attribute, *kinds)

    def users(self, *kinds: str) -> list[Linked]:
        """The resources of the given types that refer to this one."""
        self.reads.append(("users", ""))
        found = self._joins.users(self.resource.address)
        return [Linked(resource, self._joins) for resource in found if resource.type in kinds]

    def usage(self, key: str) -> Decimal | None:
        """The expected usage of a month, or None: unknown is not zero."""
        found = self._find_usage(key)
        return None if found is None else Decimal(found[0])

    def usage_note(self, key: str) -> str:
        """Who says how much is expected; empty where nobody does."""
        found = self._find_usage(key)
        return "" if found is None else found[1]

    def choice(self, key: str) -> str | None:
        """A usage key that is a choice (a reservation's term), or None."""
        found = self._find_usage(key)
        return None if found is None else str(found[0])

    def _find_usage(self, key: str) -> tuple[Decimal | str, str] | None:
        self.reads.append(("usage", key))
        found = self._usage.find(self.resource.address, self.resource.type, key)
        return None if found is None else (found.value, found.note)

    def measured(self, rate: Rate) -> Measure | None:
        """How many units of a rate the bills say the resource uses, or its siblings; and a note that it was asked."""
        if rate.name is None or not rate.factor or self._usage.measured is None:
            return None
        self.reads.append(("measured", rate.name))
        found = self._usage.measure(self.resource.address, self.resource.type, rate.name)
        return found if found is None or rate.factor == ONE else found.shared(rate.factor)

    def rate(
        self, service: str, key: str | Unknown | None, option: str = ON_DEMAND, *, region: str | None = ""
    ) -> Rate:
        """The unit price in the resource's region (or another one that is named), or why there is none."""
        region = self.region if region == "" else region
        if not isinstance(key, str):
            return Rate(None, note=AFTER_APPLY)
        if region is None:
            return Rate(None, note="the plan does not tell the region; set it in the provider block")
        name = (self.resource.provider, service, region, key)
        price = self._prices.find(*name, option)
        if price is not None:
            return Rate(price.amount, str(price.source), name=name if option == ON_DEMAND else None)
        return Rate(None, note=self._why_not(service, key, option, region))

    def global_rate(self, service: str, key: str) -> Rate:
        """A unit price that is the same in all regions."""
        return self.rate(service, key, region=GLOBAL)

    def _why_not(self, service: str, key: str, option: str, region: str) -> str:
        provider = self.resource.provider
        shown = key.replace("/", ", ") + ("" if option == ON_DEMAND else f" ({option})")
        known = self._prices.has_key(provider, service, key)
        absent = f"no price for {region}" if known else "no price"
        return f"{shown}: {absent} in {self._prices.title}; infragod prices import {IMPORTS.get(provider, provider)}"

    def fixed(self, name: str, unit: str, quantity: Decimal | int | None, rate: Rate, note: str = "") -> Component:
        """A component whose quantity the plan tells."""
        if quantity is None or rate.price is None:
            reason = rate.note if rate.price is None else AFTER_APPLY
            return Component(
                name, unit, _decimal(quantity), rate.price, None, Basis.UNKNOWN, rate.source, note or reason
            )
        quantity = Decimal(quantity)
        cost = quantity * rate.price
        said = note or rate.note
        return Component(name, unit, quantity, rate.price, cost, Basis.FIXED, rate.source, said, priced=rate.name)

    def hours(self, name: str, rate: Rate, count: Decimal | int | None = ONE, note: str = "") -> Component:
        """A component by the hour, for `count` things that run all month."""
        return self.fixed(name, "hours", None if count is None else count * HOURS, rate, note)

    def used(
        self, name: str, unit: str, key: str, rate: Rate, *, per: int = 1, free: int = 0, direct: bool = True
    ) -> Component:
        """A component whose quantity only usage tells: `per` things are one `unit`, and `free` ones cost nothing.

        `direct` is False where the key is but one of several that make the quantity.
        """
        self.asked.append(Asked(name, unit, key, rate, per if direct else None))
        found = self._find_usage(key)
        if found is None:
            return self._measured(name, unit, key, rate, Decimal(free) / per)
        quantity = max(Decimal(found[0]) - free, Decimal(0)) / per
        return assumed(name, unit, quantity, rate, found[1])

    def _measured(self, name: str, unit: str, key: str, rate: Rate, free: Decimal) -> Component:
        """The component as the bills know it: measured, or unknown with what its siblings cost."""
        measure = self.measured(rate)
        made = Component(name, unit, None, rate.price, None, Basis.UNKNOWN, rate.source, rate.note or not_known(key))
        if measure is None:
            return made
        if measure.quantity is not None:
            made = assumed(name, unit, max(measure.quantity - free, Decimal(0)), rate, measure.note)
        return ranged(made, measure, lambda units: max(units - free, Decimal(0)) * (rate.price or Decimal(0)))

    def assumed(self, name: str, unit: str, key: str, default: Decimal, rate: Rate, why: str) -> Component:
        """A component whose usual quantity is taken, and said, until usage tells it: one pod, one connection."""
        measure = self.measured(rate)
        is_measured = measure is not None and measure.quantity is not None
        if self._find_usage(key) is not None or rate.price is None or is_measured:
            return self.used(name, unit, key, rate)
        note = f"taken as {why}; {key} says otherwise"
        return assumed(name, unit, default, rate, note)


def assumed(name: str, unit: str, quantity: Decimal, rate: Rate, note: str) -> Component:
    """A component whose quantity is taken as somebody says."""
    cost = None if rate.price is None else quantity * rate.price
    basis = Basis.UNKNOWN if cost is None else Basis.ASSUMED
    return Component(name, unit, quantity, rate.price, cost, basis, rate.source, rate.note or note, priced=rate.name)


def ranged(component: Component, measure: Measure, cost: Callable[[Decimal], Decimal]) -> Component:
    """The component with what the usage of siblings would cost; as it is where there are none, or no price."""
    siblings = measure.siblings
    if siblings is None or component.unit_price is None:
        return component
    return replace(
        component,
        monthly_cost_p50=cost(siblings.p50),
        monthly_cost_p90=cost(siblings.p90),
        siblings=siblings.count,
    )


def not_known(key: str) -> str:
    """Why a component that only usage tells is unknown."""
    return f"usage not known: {key}"


def _decimal(number: Decimal | int | None) -> Decimal | None:
    return None if number is None else Decimal(number)

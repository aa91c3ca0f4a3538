"""Estimate against bill: what an applied plan was said to cost, what it cost in its first full month, and why.

The error of a resource is what the bill says less what was estimated, and it falls into three parts:

    rate     = billed - estimated price * billed quantity          (the price was another)
    quantity = estimated price * billed quantity - estimated cost  (more or less was used)
    unknown  = what the bill charges that no component had a figure for

rate and quantity are the price variance and the quantity variance of standard costing, with the estimate for the
standard: (actual price - standard price) * actual quantity, and (actual quantity - standard quantity) * standard price
(OpenStax, Principles of Accounting 2: Managerial Accounting, chapter 8). They add up to the error exactly.

*Billed* is the ContractedCost of the month's Usage rows: what an estimate speaks of. What commitments take off it,
credits, taxes, purchases and corrections are no error of an estimate; they are kept apart, each under its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from typing import Any, Final

from infragod.focus import Period
from infragod.resource import Action

EXACT: Final = Context(prec=80)
SCALE: Final = Decimal("1E-12")
ZERO: Final = Decimal(0)
COMPARED_ACTIONS: Final = (Action.CREATE, Action.UPDATE, Action.REPLACE)
TOUCHING: Final = (*COMPARED_ACTIONS, Action.DELETE)


class State(StrEnum):
    """How far the first full month of a decision is known."""

    WAITING = "waiting"  # it has not begun, or no bill of it is loaded
    PARTIAL = "partial"  # some of its days are billed: the estimate is taken pro rata
    COMPLETE = "complete"


class Outcome(StrEnum):
    """What became of a resource that was estimated; all but the first and the last are left out, and counted."""

    COMPARED = "compared"
    ABSENT = "absent"  # no row of the bill names it
    WITHDRAWN = "withdrawn"  # no state ever held it
    DESTROYED = "destroyed"  # before the month was over
    CHANGED = "changed"  # by another plan, before the month was over
    CURRENCY = "currency"  # billed in another currency than it was estimated in
    UNPRICED = "unpriced"  # the bill leaves its cost open
    FREE = "free"  # nothing was expected, and nothing was billed: no error, and nothing left out


SENTENCES: Final[Mapping[Outcome, str]] = {
    Outcome.ABSENT: "not in the bill",
    Outcome.WITHDRAWN: "in no state",
    Outcome.DESTROYED: "destroyed meanwhile",
    Outcome.CHANGED: "changed again meanwhile",
    Outcome.CURRENCY: "billed in another currency",
    Outcome.UNPRICED: "without a cost in the bill",
}


@dataclass(frozen=True, slots=True)
class Predicted:
    """One component of an estimate; None is unknown. `cost` is the estimated cost of a month."""

    name: str
    unit: str
    quantity: Decimal | None
    price: Decimal | None
    cost: Decimal | None
    basis: str = "fixed"


@dataclass(frozen=True, slots=True)
class Prediction:
    """A resource as its plan's estimate had it after the change."""

    address: str
    type: str
    action: Action
    team: str | None
    recipe: str | None
    components: tuple[Predicted, ...] = ()
    complete: bool = True

    @property
    def cost(self) -> Decimal:
        """What of a month's cost was estimated."""
        return sum((c.cost for c in self.components if c.cost is not None), ZERO)


@dataclass(frozen=True, slots=True)
class Applied:
    """A decision whose plan was applied; `grant` is empty where states tell of it and no grant was used."""

    decision: str
    grant: str
    workspace: str
    change_request: str
    applied_at: datetime
    currency: str

    @property
    def month(self) -> Period:
        """The first full month after the apply."""
        own = Period.of(self.applied_at.date())
        first = datetime.combine(own.first_day, datetime.min.time(), self.applied_at.tzinfo)
        return own if self.applied_at == first else own.plus(1)


@dataclass(frozen=True, slots=True)
class Line:
    """What a bill charges a resource under one price; `quantity` and `price` None: the bill leaves them open."""

    meter: str
    unit: str
    quantity: Decimal | None
    price: Decimal | None
    cost: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Billed:
    """A resource in the bill of a window: usage by price, and what is kept apart by its name.

    `effective` is all of it with commitments spread, as showback has it: usage + apart = effective.
    """

    lines: tuple[Line, ...] = ()
    apart: Mapping[str, Decimal] = field(default_factory=dict)
    currencies: frozenset[str] = frozenset()
    open_rows: int = 0

    @property
    def usage(self) -> Decimal:
        """What the usage cost at contracted prices."""
        return sum((line.cost for line in self.lines), ZERO)

    def __add__(self, other: Billed) -> Billed:
        names = sorted({*self.apart, *other.apart})
        apart = {name: self.apart.get(name, ZERO) + other.apart.get(name, ZERO) for name in names}
        currencies = self.currencies | other.currencies
        return Billed(self.lines + other.lines, apart, currencies, self.open_rows + other.open_rows)


@dataclass(frozen=True, slots=True)
class Window:
    """The month that is compared and how much of it is billed: `days` of its days, all of them if `complete`."""

    month: Period
    state: State
    days: int
    cut: date
    missing: tuple[str, ...] = ()

    @property
    def share(self) -> tuple[int, int]:
        """The part of the month that is compared, as a fraction."""
        return self.days, self.month.days


@dataclass(frozen=True, slots=True)
class Parts:
    """Figures that add up: billed - estimated = rate + quantity + unknown."""

    estimated: Decimal = ZERO
    billed: Decimal = ZERO
    rate: Decimal = ZERO
    quantity: Decimal = ZERO
    unknown: Decimal = ZERO

    @property
    def error(self) -> Decimal:
        """What the estimate was short of the bill."""
        return self.billed - self.estimated

    def __add__(self, other: Parts) -> Parts:
        return Parts(*(getattr(self, n) + getattr(other, n) for n in Parts.__slots__))


@dataclass(frozen=True, slots=True)
class Part:
    """One component against the lines that fell to it; `known` is False where the estimate had no figure for it.

    `component` is as predicted, for a whole month; what was expected of the window is in `figures`.
    """

    component: Predicted
    lines: tuple[Line, ...]
    billed_quantity: Decimal | None
    figures: Parts
    known: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """A resource of an applied plan after its first full month."""

    prediction: Prediction
    outcome: Outcome
    figures: Parts = field(default_factory=Parts)
    parts: tuple[Part, ...] = ()
    unpredicted: tuple[Line, ...] = ()
    apart: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A decision after its first full month: its resources and what they come to."""

    applied: Applied
    window: Window
    resources: Sequence[Compared] = ()

    @property
    def figures(self) -> Parts:
        """The sums over what could be compared."""
        return sum((r.figures for r in self.resources if r.outcome is Outcome.COMPARED), Parts())

    @property
    def apart(self) -> dict[str, Decimal]:
        """What the bill charges besides usage, by name."""
        found: dict[str, Decimal] = {}
        for resource in self.resources:
            for name, amount in resource.apart.items():
                found[name] = found.get(name, ZERO) + amount
        return dict(sorted(found.items()))

    @property
    def left_out(self) -> dict[Outcome, tuple[int, Decimal]]:
        """How many resources could not be compared, and what they were estimated to cost, by reason."""
        found: dict[Outcome, tuple[int, Decimal]] = {}
        for r in self.resources:
            if r.outcome not in (Outcome.COMPARED, Outcome.FREE):
                count, cost = found.get(r.outcome, (0, ZERO))
                found[r.outcome] = (count + 1, cost + r.prediction.cost)
        return {outcome: found[outcome] for outcome in Outcome if outcome in found}


def predictions(document: Mapping[str, Any], recipe: Mapping[str, str]) -> list[Prediction]:
    """What a decision's plan touches and its estimate predicts; `recipe` names the recipe of each type that has one."""
    unknown = set(document["unknown"])
    return [
        Prediction(
            r["address"],
            r["type"],
            Action(r["action"]),
            r.get("team"),
            recipe.get(r["type"]),
            tuple(_component(c) for c in r["components"]),
            r["address"] not in unknown,
        )
        for r in document["resources"]
        if r["action"] in TOUCHING
    ]


def _component(found: Mapping[str, Any]) -> Predicted:
    quantity, price, cost = (
        None if found[n] is None else Decimal(found[n]) for n in ("monthly_quantity", "unit_price", "monthly_cost")
    )
    return Predicted(found["name"], found["unit"], quantity, price, cost, found["basis"])

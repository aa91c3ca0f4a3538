"""The nouns of the gate: Change, Resource, Component, Finding, and the tables that rules see.

A plan is read once (`infragod.terraform.plan`), becomes ``Plan`` objects, and then tables (``PLAN_TABLES``): from there
on every rule is SQL over those tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Final


class Unknown(Enum):
    """The type of ``UNKNOWN``: a value that only the apply will tell; without truth value, so that it can't pass."""

    UNKNOWN = "known after apply"

    def __bool__(self) -> bool:
        raise TypeError("a value known only after apply is neither true nor false; compare with `is UNKNOWN`")


UNKNOWN: Final = Unknown.UNKNOWN

Values = Mapping[str, Any]
"""Attributes of a resource as JSON values, with ``UNKNOWN`` wherever the apply will tell, at any depth."""


class Action(StrEnum):
    """What a plan does to a resource; both orders of a replace are one."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    FORGET = "forget"
    NO_OP = "no-op"


@dataclass(frozen=True, slots=True)
class Resource:
    """One side (before or after) of a managed resource: what a price recipe sees.

    `provider` is the short name (aws, google, azurerm …). `region` is None where the plan does not tell
    (`region_known` is False) and for what has no region (`region_known` is True).
    """

    address: str
    type: str
    provider: str
    region: str | None
    values: Values
    region_known: bool = True

    @property
    def region_state(self) -> str:
        """`known`, `unknown` (until the apply, or the plan does not tell) or `absent` (it has no region)."""
        if self.region is not None:
            return "known"
        return "absent" if self.region_known else "unknown"

    def get(self, name: str) -> Any:
        """The attribute: its value, ``UNKNOWN``, or None where it is absent or null."""
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of `resource_changes`. A replace is one change; `before`/`after` are None where that side is not.

    `tags` are the tags (AWS) or labels (Google) the resource will carry: key to text, or ``UNKNOWN`` for a key whose
    value only the apply tells. `tags_known` is False where other keys may come; `taggable` is False where the type has
    no tags, None where the plan can't tell.
    """

    address: str
    module_address: str
    mode: str
    type: str
    name: str
    index: str | int | None
    provider: str
    action: Action
    before: Resource | None
    after: Resource | None
    tags: Mapping[str, str | Unknown] = field(default_factory=dict)
    tags_known: bool = True
    taggable: bool | None = None
    action_reason: str = ""
    previous_address: str = ""
    importing: bool = False
    deposed: str = ""

    @property
    def resource(self) -> Resource:
        """The side that shows the change: after, or before where it is deleted or forgotten."""
        side = self.after or self.before
        if side is None:
            raise ValueError(f"{self.address} has neither side")
        return side


@dataclass(frozen=True, slots=True)
class Lookup:
    """A kind of data source that a configuration looks things up by, and where it looks (see ``Resource``)."""

    type: str
    region: str | None
    region_known: bool


OWN_RATE: Final = "your rate"
"""How a component's price source begins where the price is the company's own, learnt from its bills."""


class Basis(StrEnum):
    """How far a component's cost is known: from the plan, from assumed or measured usage, or not."""

    FIXED = "fixed"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Component:
    """One cost dimension of a resource, per month of 730 hours.

    `monthly_quantity` counts `unit`; `unit_price` is per `unit`; None is unknown, never 0. `price_source` says where
    and of which date the price is; `note` what a person should know (baseline included, why unknown).
    `monthly_cost_p50` and `monthly_cost_p90` are what the like use of half and of nine tenths of its `siblings` costs.
    `priced` is the name of its on-demand price: provider, service, region, key.
    """

    name: str
    unit: str
    monthly_quantity: Decimal | None
    unit_price: Decimal | None
    monthly_cost: Decimal | None
    basis: Basis
    price_source: str = ""
    note: str = ""
    monthly_cost_p50: Decimal | None = None
    monthly_cost_p90: Decimal | None = None
    siblings: int | None = None
    priced: tuple[str, str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class PricedResource:
    """What a resource costs a month, before and after its change (None: nothing of it is known).

    `components` are those after the change. A deleted resource costs Decimal(0) after; a created one 0 before.
    """

    address: str
    type: str
    action: Action
    monthly_cost: Decimal | None
    monthly_cost_before: Decimal | None
    components: tuple[Component, ...] = ()
    complete: bool = True
    complete_before: bool = True


@dataclass(frozen=True, slots=True)
class Advice:
    """What would do the same for less: an alternative for a resource (`address` `plan`: for all of it).

    `kind` is generation, arm, volume, spot or region; `what` names the change; `note` what to mind.
    """

    address: str
    kind: str
    what: str
    monthly_saving: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """A component that a commitment could cover: at least nothing of it, at most `up_to`."""

    address: str
    component: str
    up_to: Decimal


@dataclass(frozen=True, slots=True)
class Commitment:
    """A Savings Plan or reservation of the company that the bills of `month` show `unused`, and what it could cover."""

    id: str
    title: str
    month: str
    unused: Decimal
    covers: tuple[Covered, ...]

    @property
    def could_cover(self) -> Decimal:
        """The most that it could take off this plan's cost a month."""
        return sum((covered.up_to for covered in self.covers), Decimal(0))


@dataclass(frozen=True, slots=True)
class Estimate:
    """The money of a plan: sums of what is known; `unknown` names what the sums leave out."""

    currency: str
    resources: tuple[PricedResource, ...]
    monthly_cost: Decimal
    monthly_cost_before: Decimal
    unknown: tuple[str, ...]
    prices: str = ""
    advice: tuple[Advice, ...] = ()
    commitments: tuple[Commitment, ...] = ()

    @property
    def monthly_delta(self) -> Decimal:
        """What the plan adds a month, as far as known."""
        return self.monthly_cost - self.monthly_cost_before

    @property
    def complete(self) -> bool:
        """True if nothing is left out."""
        return not self.unknown


class Level(StrEnum):
    """What a rule's violation leads to: a warning, an approval, a denial."""

    ADVISORY = "advisory"
    APPROVAL = "approval"
    MANDATORY = "mandatory"


class Result(StrEnum):
    """What a finding says: violated, can't be told before the apply, or violated and waived."""

    VIOLATION = "violation"
    UNKNOWN = "unknown"
    WAIVED = "waived"


class Verdict(StrEnum):
    """The answer of the gate."""

    ALLOW = "allow"
    WARN = "warn"
    NEEDS_APPROVAL = "needs_approval"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class WaivedBy:
    """The waiver that covers a finding; `days_left` is given in its last days alone."""

    id: str
    until: date
    owner: str
    reason: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that a rule kept. `address` is the thing judged: a resource, `team.<name>`, or `plan`.

    `effect` is what it contributes to the verdict (an unknown has the rule's `unknown` policy, not its level).
    `level_by` says for whom or where the rule has another level than its own (`team checkout`); else it is empty.
    """

    rule: str
    level: Level
    address: str
    result: Result
    message: str
    mend: str
    effect: Verdict
    waiver: WaivedBy | None = None
    level_by: str = ""


COST = "DECIMAL(38,12)"
QTY = "DECIMAL(38,15)"

PLAN_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "plan": {  # one row
        "workspace": "VARCHAR",
        "today": "DATE",
        "month": "VARCHAR",  # YYYY-MM of today
        "currency": "VARCHAR",
        "changes": "BIGINT",  # managed resources that are not no-op or read
        "creates": "BIGINT",  # creates and replaces
        "monthly_cost": COST,  # of what is known
        "monthly_cost_before": COST,
        "complete": "BOOLEAN",
        "complete_before": "BOOLEAN",
    },
    "resource": {  # one row a managed resource and deposed object; drift and data sources are not here
        "address": "VARCHAR",
        "module": "VARCHAR",
        "type": "VARCHAR",
        "name": "VARCHAR",
        "provider": "VARCHAR",
        "region": "VARCHAR",  # NULL = unknown or without region; see region_state
        "region_state": "VARCHAR",  # known, unknown, absent
        "action": "VARCHAR",
        "action_reason": "VARCHAR",
        "previous_address": "VARCHAR",
        "importing": "BOOLEAN",
        "deposed": "BOOLEAN",
        "taggable": "BOOLEAN",
        "tags_known": "BOOLEAN",
    },
    "tag": {"address": "VARCHAR", "key": "VARCHAR", "value": "VARCHAR"},  # value NULL = known after apply
    "attribute": {  # the attributes that rules ask for in their header; absent = no row
        "address": "VARCHAR",
        "name": "VARCHAR",
        "state": "VARCHAR",  # known, unknown
        "value": "VARCHAR",  # as text; lists and maps as JSON; NULL if unknown
        "value_before": "VARCHAR",
    },
    "reference": {  # which resources of this plan a resource's configuration names, and in which attribute
        "address": "VARCHAR",
        "attribute": "VARCHAR",
        "target": "VARCHAR",
    },
    "cost": {  # one row a priced resource
        "address": "VARCHAR",
        "monthly_cost": COST,  # NULL = nothing known
        "monthly_cost_before": COST,
        "complete": "BOOLEAN",
        "complete_before": "BOOLEAN",
    },
    "component": {
        "address": "VARCHAR",
        "name": "VARCHAR",
        "unit": "VARCHAR",
        "monthly_quantity": QTY,
        "unit_price": COST,
        "monthly_cost": COST,
        "basis": "VARCHAR",
    },
    "owner": {  # who pays for each resource, by tags and ownership.toml; NULL = not known
        "address": "VARCHAR",
        "team": "VARCHAR",
        "service": "VARCHAR",
        "environment": "VARCHAR",
        "cost_centre": "VARCHAR",
        "owner_by": "VARCHAR",
    },
    "team": {"team": "VARCHAR", "cost_centre": "VARCHAR", "lead": "VARCHAR"},  # what `org import` brought
    "service": {"service": "VARCHAR", "team": "VARCHAR"},
    "budget": {  # of the plan's month, one row a team with a budget
        "team": "VARCHAR",
        "month": "VARCHAR",
        "amount": COST,
        "spent": COST,  # NULL = no bill of the month is loaded
        "forecast": COST,  # of the whole month without this plan; NULL = can't be told
        "held": COST,  # encumbered by others
    },
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as read: masked and normalised; it holds no value that the plan marks sensitive.

    `changes` are in plan order and hold managed resources only (no-ops too). `digest` is a hash of the normalised
    content, `parts` a short one of each change that changes something, by its address. `references` maps address →
    attribute path (`launch_template.0.id`) → the addresses that the configuration names there; `by_address` leaves
    deposed objects out. `lookups` are the data sources of the configuration.
    """

    format_version: str
    terraform_version: str
    changes: Sequence[Change]
    references: Mapping[str, Mapping[str, tuple[str, ...]]]
    digest: str
    errored: bool = False
    applyable: bool = True
    deferred: int = 0
    drifted: int = 0
    lookups: frozenset[Lookup] = frozenset()
    by_address: Mapping[str, Change] = field(default_factory=dict, compare=False, repr=False)
    parts: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def referenced(self, address: str, attribute: str) -> list[Resource]:
        """The resources of this plan that the configuration names in that attribute, or anywhere below it."""
        paths = self.references.get(address, {})
        named = (a for path, found in paths.items() if f"{path}.".startswith(f"{attribute}.") for a in found)
        return [self.by_address[a].resource for a in dict.fromkeys(named) if a in self.by_address]

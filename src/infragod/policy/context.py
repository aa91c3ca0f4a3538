"""What the company knows of a plan: owners, budgets and money, as the tables that rules read beside the plan's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from infragod.budget.budgets import Budget
from infragod.focus import Period
from infragod.org.ownership import Owner, Ownership
from infragod.policy.decision import BudgetLine
from infragod.policy.waivers.waiver import Waiver
from infragod.resource import PLAN_TABLES, Action, Change, Estimate, Plan

Columns = dict[str, list[Any]]
Forecasts = Mapping[str, tuple[Decimal | None, Decimal | None]]
"""Team to what it has spent in the month and what the month is forecast to cost; None is unknown."""

UNCHANGED: Final = (Action.NO_OP, Action.READ)
_STEP: Final = Decimal("1e-12")
_ALIKE: Final = ("tag", "workspace", "repository")
"""Kinds of ownership rules that say the same of all resources of a plan that have the same tags."""
_CREATING: Final = (Action.CREATE, Action.REPLACE)


@dataclass(frozen=True, slots=True)
class Context:
    """Owners of the plan's resources and the company's teams, services and budgets."""

    workspace: str
    today: date
    owners: Mapping[str, Owner]
    teams: Sequence[tuple[str, str | None, str | None]]
    services: Sequence[tuple[str, str]]
    budgets: Sequence[BudgetLine]
    local: bool
    """No team, no budget and no bill is known here."""
    waivers: Sequence[Waiver] = ()


def owners(
    plan: Plan, ownership: Ownership, workspace: str | None = None, repository: str | None = None
) -> dict[str, Owner]:
    """Who owns each changed or kept resource, as far as tags, ids, addresses and its place tell before the apply."""
    tags_alone = all(rule.kind in _ALIKE for rule in ownership.rules)
    seen: dict[frozenset[tuple[str, str]], Owner] = {}
    found: dict[str, Owner] = {}
    for change in plan.changes:
        tags = {key: value for key, value in change.tags.items() if isinstance(value, str)}
        key = frozenset(tags.items())
        if not tags_alone or key not in seen:  # many resources carry the same tags
            seen[key] = ownership.resolve(
                tags, None, _resource_id(change), change.address, workspace=workspace, repository=repository
            )
        found[change.address] = seen[key]
    return found


def _resource_id(change: Change) -> str | None:
    values = change.resource.values
    known = (values.get(name) for name in ("arn", "self_link", "id"))
    return next((text for text in known if isinstance(text, str)), None)


def deltas(estimate: Estimate, owned: Mapping[str, Owner]) -> dict[str, Decimal]:
    """What the plan adds a month to each team that owns a resource in it, as far as known."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for resource in estimate.resources:
        team = owned[resource.address].team if resource.address in owned else None
        if team is not None:
            sums[team] += (resource.monthly_cost or Decimal(0)) - (resource.monthly_cost_before or Decimal(0))
    return dict(sums)


def budget_lines(
    budgets: Iterable[Budget],
    held: Mapping[str, Decimal],
    forecasts: Forecasts,
    added: Mapping[str, Decimal],
    today: date,
) -> list[BudgetLine]:
    """The budgets of the teams in `added`; the plan's delta counts pro rata from `today` to the month's end."""
    period = Period.of(today)
    left = Decimal(period.days - today.day + 1)
    lines = []
    for budget in budgets:
        if budget.team not in added:
            continue
        spent, forecast = forecasts.get(budget.team, (None, None))
        others = held.get(budget.team, Decimal(0))
        share = (added[budget.team] * left / period.days).quantize(_STEP, ROUND_HALF_EVEN)
        after = None if forecast is None else forecast + others + share
        lines.append(BudgetLine(budget.team, str(period), budget.amount, spent, forecast, others, after))
    return lines


def tables(plan: Plan, estimate: Estimate, context: Context, wanted: Collection[str]) -> dict[str, Columns]:
    """Those of ``PLAN_TABLES`` in `wanted` that do not come from the plan alone, as columns."""
    makers: dict[str, Callable[[], Iterable[Sequence[Any]]]] = {
        "plan": lambda: [_plan_row(plan, estimate, context)],
        "reference": lambda: (
            (address, path, target)
            for address, paths in plan.references.items()
            for path, targets in paths.items()
            for target in targets
        ),
        "cost": lambda: (
            (r.address, r.monthly_cost, r.monthly_cost_before, r.complete, r.complete_before)
            for r in estimate.resources
        ),
        "component": lambda: (
            (r.address, c.name, c.unit, c.monthly_quantity, c.unit_price, c.monthly_cost, c.basis.value)
            for r in estimate.resources
            for c in r.components
        ),
        "owner": lambda: ((address, *_owner_row(owner)) for address, owner in context.owners.items()),
        "team": lambda: context.teams,
        "service": lambda: context.services,
        "budget": lambda: (
            (line.team, line.month, line.amount, line.spent, line.forecast, line.held) for line in context.budgets
        ),
    }
    return {name: _columns(name, make()) for name, make in makers.items() if name in wanted}


def _owner_row(owner: Owner) -> tuple[str | None, ...]:
    return (owner.team, owner.service, owner.environment, owner.cost_centre, owner.owner_by)


def _plan_row(plan: Plan, estimate: Estimate, context: Context) -> tuple[Any, ...]:
    actions = [change.action for change in plan.changes]
    return (
        context.workspace,
        context.today.isoformat(),
        str(Period.of(context.today)),
        estimate.currency,
        sum(action not in UNCHANGED for action in actions),
        sum(action in _CREATING for action in actions),
        estimate.monthly_cost,
        estimate.monthly_cost_before,
        estimate.complete,
        all(resource.complete_before for resource in estimate.resources),
    )


def _columns(table: str, rows: Iterable[Sequence[Any]]) -> Columns:
    names = list(PLAN_TABLES[table])
    columns: Columns = {name: [] for name in names}
    for row in rows:
        for name, value in zip(names, row, strict=True):
            columns[name].append(value)
    return columns

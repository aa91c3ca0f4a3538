"""The first page: spend by month, owners against their budgets, the latest decisions, how fresh the sources are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from infragod.budget import store as budgets
from infragod.focus import Period
from infragod.policy import store as decisions
from infragod.web import spend
from infragod.web.access import site_of, viewer
from infragod.web.gate_summary import DAYS
from infragod.web.pages.choice import Choice, choice
from infragod.web.site import Site, today

OWNERS: Final = 10
DECISIONS: Final = 8

router = APIRouter(include_in_schema=False, dependencies=[Depends(viewer)])


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner's month; None is unknown: no budget set, no forecast possible.

    `expected` is what the whole month comes to, which is what is compared with the month before.
    """

    name: str | None
    cost: Decimal
    before: Decimal | None
    budget: Decimal | None
    forecast: Decimal | None
    expected: Decimal | None


@router.get("/")
def overview(request: Request, chosen: Annotated[Choice, Depends(choice)]) -> Response:
    """The overview of one month."""
    site = site_of(request)
    return site.page(request, "overview.html", {"chosen": chosen, **_money(site, chosen), **_gate(site)})


def owners_of(site: Site, chosen: Choice, rows: Sequence[spend.Row]) -> list[Owner]:
    """Every owner with a cost or a budget in the month, the dearest first."""
    month = _month(chosen)
    ahead = site.figures.forecast(month, today(), chosen.basis, chosen.currency)
    with site.database.read() as connection:
        limits = {b.team: b.amount for b in budgets.budgets(connection, month) if b.currency == chosen.currency}
    idle = [spend.Line(team, spend.ZERO, None) for team in sorted(limits)]
    lines = spend.lines(rows, "x_team", month)
    named = {line.name for line in lines}
    return [
        _owner(line, limits, ahead, open_month=chosen.open)
        for line in (*lines, *(line for line in idle if line.name not in named))
    ]


def _owner(
    line: spend.Line, limits: Mapping[str, Decimal], ahead: Mapping[str, Decimal | None], *, open_month: bool
) -> Owner:
    name = line.name or ""
    forecast = ahead.get(name)
    return Owner(line.name, line.cost, line.before, limits.get(name), forecast, forecast if open_month else line.cost)


def _money(site: Site, chosen: Choice) -> dict[str, Any]:
    if chosen.month is None:
        return {}
    rows = [r for r in site.figures.by_service(chosen.month, chosen.basis) if r["currency"] == chosen.currency]
    owners = owners_of(site, chosen, rows)
    months = spend.sums(rows, lambda row: row["month"])
    limited = [o for o in owners if o.budget is not None]
    return {
        "trend": spend.trend(rows, "x_team"),
        "owners": owners[:OWNERS],
        "owner_count": len(owners),
        "total": months.get(str(chosen.month), spend.ZERO),
        "ahead": _ahead(owners),
        "before": months.get(str(chosen.month.plus(-1))),
        "budget": sum((o.budget or spend.ZERO for o in limited), spend.ZERO) if limited else None,
        "budgeted": sum((o.cost for o in limited), spend.ZERO),
        "over": sum(1 for o in limited if max(o.cost, o.forecast or o.cost) > (o.budget or spend.ZERO)),
        "unowned": sum((o.cost for o in owners if o.name is None), spend.ZERO),
        "scale": scale(owners[:OWNERS]),
        "sources": site.lake.sources(),
    }


def _ahead(owners: Sequence[Owner]) -> tuple[Decimal, Decimal] | None:
    """What all owners will come to, and what they came to before; None if one of them can't be told."""
    named = [owner for owner in owners if owner.name is not None]
    known = [owner.forecast for owner in named if owner.forecast is not None]
    if not known or len(known) < len(named):
        return None
    return sum(known, spend.ZERO), sum((owner.before or spend.ZERO for owner in named), spend.ZERO)


def scale(owners: Sequence[Owner]) -> Decimal:
    """The longest bar's money."""
    return max((v for o in owners for v in (o.cost, o.budget, o.forecast) if v is not None), default=spend.ZERO)


def _gate(site: Site) -> dict[str, Any]:
    with site.database.read() as connection:
        return {
            "decisions": decisions.recent(connection, limit=DECISIONS),
            "summary": site.gate.now(),
            "days": DAYS,
        }


def _month(chosen: Choice) -> Period:
    if chosen.month is None:
        raise ValueError("a page without months asked for owners")
    return chosen.month

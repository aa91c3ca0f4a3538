"""Accuracy: what applied plans were said to cost, what they cost in their first full month, and why."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from infragod.errors import InputError
from infragod.finance.accuracy import Parts, State, render, store
from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.report import run
from infragod.web.access import site_of, viewer
from infragod.web.site import Site

PAGE: Final = 50
ROWS: Final = 100
BY: Final = {"type": "Type", "team": "Team", "recipe": "Recipe", "workspace": "Workspace"}

router = APIRouter(prefix="/accuracy", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def accuracy(
    request: Request,
    month: Annotated[str, Query(max_length=7)] = "",
    by: Annotated[str, Query(max_length=20)] = "type",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """The error by what is chosen, and the plans that it is of, newest first."""
    if by not in BY:
        raise InputError(f"{by!r} is nothing to group by; it is one of {', '.join(BY)}")
    site = site_of(request)
    period = Period.parse(month) if month else None
    with site.database.read() as connection:
        months = store.months(connection)
        begin = (page - 1) * PAGE
        lines = store.listed(connection, month=period, limit=PAGE + 1, offset=begin)
    rows = _rows(site, by, period) if months else []
    context = {
        "months": months,
        "month": period,
        "by": by,
        "groups": BY,
        "rows": rows[:ROWS],
        "row_count": len(rows),
        "sums": _sums(rows),
        "lines": lines[:PAGE],
        "said": {line.number: render.state_line(line) for line in lines},
        "left_out": {line.number: render.left_out(line.left_out, line.applied.currency) for line in lines},
        "complete": State.COMPLETE,
        "page": page,
        "more": len(lines) > PAGE,
    }
    return site.page(request, "accuracy.html", context)


def _rows(site: Site, by: str, month: Period | None) -> list[dict[str, Any]]:
    """The rows of the report `accuracy`, each with figures that add up in cents."""
    with site.database.read() as connection, Engine.scratch() as engine:
        engine.load("accuracy", store.ACCURACY_COLUMNS, store.accuracy(connection, month))
        rows = run.rows(engine, "accuracy", by=by, first=month, last=month)
    return [row | {"name": row[by], "figures": render.cents(_figures(row))} for row in rows]


def _figures(row: dict[str, Any]) -> Parts:
    return Parts(**{name: row[name] for name in Parts.__slots__})


def _sums(rows: list[dict[str, Any]]) -> dict[str, Parts]:
    """What each currency comes to."""
    sums: dict[str, Parts] = {}
    for row in rows:
        sums[row["currency"]] = sums.get(row["currency"], Parts()) + _figures(row)
    return {currency: render.cents(found) for currency, found in sums.items()}

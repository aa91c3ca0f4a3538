"""Accuracy: what applied plans were said to cost, what they cost in their first full month, and why."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from infragod.errors import InputError
from infragod.finance.accuracy import State, render, store
from infragod.focus import Period
from infragod.web.access import site_of, viewer
from infragod.web.accuracy import FIRST

PAGE: Final = 50
ROWS: Final = 100
BY: Final = {"type": "Type", "team": "Team", "recipe": "Recipe", "workspace": "Workspace"}

router = APIRouter(prefix="/accuracy", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def accuracy(
    request: Request,
    month: Annotated[str, Query(max_length=7)] = "",
    by: Annotated[str, Query(max_length=20)] = FIRST,
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
    found = site.accuracy.of(by, period) if months else None
    rows = found.rows if found else []
    context = {
        "months": months,
        "month": period,
        "by": by,
        "groups": BY,
        "rows": rows[:ROWS],
        "row_count": len(rows),
        "sums": found.by_currency if found else {},
        "summing": bool(months) and found is None,
        "lines": lines[:PAGE],
        "said": {line.number: render.state_line(line) for line in lines},
        "left_out": {line.number: render.left_out(line.left_out, line.applied.currency) for line in lines},
        "complete": State.COMPLETE,
        "page": page,
        "more": len(lines) > PAGE,
    }
    return site.page(request, "accuracy.html", context)

"""Friction: what the gate cost those who passed it in a month, what it saved, and which rules propose to be milder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from infragod.errors import InputError
from infragod.focus import Period
from infragod.policy.friction import render
from infragod.policy.proposals import look, store
from infragod.web.access import site_of, viewer

PAGE: Final = 50
RULES: Final = 30

router = APIRouter(prefix="/friction", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def friction(
    request: Request,
    month: Annotated[str, Query(max_length=7)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """One month of the gate; its changes a page at a time, the most prevented first."""
    site = site_of(request)
    months = site.friction.months()
    with site.database.read() as connection:
        proposals = store.recent(connection)
    context = {"months": months, "proposals": proposals, "terms": look.terms(site.settings), "month": None}
    if not months:
        return site.page(request, "friction.html", context)
    period = Period.parse(month) if month else months[0]
    if period > Period.of(datetime.now(UTC).date()):
        raise InputError(f"{period.title} has not begun; the newest month is {months[0]}")
    found = site.friction.of(period)
    if found is None:
        return site.page(request, "friction.html", context | {"month": period, "found": None})
    changes = sorted(found.changes, key=lambda c: (-(c.prevented or 0), -c.delta, c.first))
    begin = (page - 1) * PAGE
    context |= {
        "month": period,
        "found": found,
        "said": render.prevented(found),
        "rules": found.rules[:RULES],
        "rule_count": len(found.rules),
        "minutes": render.minutes,
        "share": render.share,
        "changes": changes[begin : begin + PAGE],
        "more": len(changes) > begin + PAGE,
        "page": page,
    }
    return site.page(request, "friction.html", context)

"""Grants: who may apply what just now, whose budget that holds, and taking one back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from infragod.errors import InputError
from infragod.policy.grants import State, listing, store
from infragod.web.access import holder, same_origin, site_of, viewer
from infragod.web.errors import RequestError
from infragod.web.forms import fields
from infragod.web.pages import acting

PAGE: Final = 50
STATES: Final = ("open", *State)
LOOKS: Final = {"issued": "allow", "claimed": "warn", "abandoned": "deny"}

router = APIRouter(prefix="/grants", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def listed(
    request: Request,
    state: Annotated[str, Query(max_length=20)] = "",
    workspace: Annotated[str, Query(max_length=300)] = "",
    decision: Annotated[str, Query(max_length=40)] = "",
    before: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The grants that the filters let through, newest first, each with what it holds."""
    at = datetime.now(UTC)
    filters = {"state": state, "workspace": workspace.strip(), "decision": decision.strip()}
    asked = {name: value or None for name, value in filters.items()}
    site = site_of(request)
    with site.database.read() as connection:
        found = store.recent(connection, before=before or None, limit=PAGE + 1, at=at, **asked)
        rows = listing.rows(connection, found[:PAGE], at)
        who = acting.look(request, connection)
    token = holder(request, "apply")
    lines = [
        _line(row, person=who is not None, own=grant.actor == token)
        for grant, row in zip(found[:PAGE], rows, strict=True)
    ]
    context = {
        "lines": lines,
        "acts": any(line["may_release"] for line in lines),
        "looks": LOOKS,
        "filters": filters,
        "given": {name: value for name, value in filters.items() if value},
        "states": STATES,
        "next": found[PAGE - 1].id if len(found) > PAGE else None,
        "later": bool(before),
    }
    return site.page(request, "grants.html", context)


@router.post("/{name}/release", dependencies=[Depends(same_origin)])
async def release(request: Request, name: Annotated[str, Path(max_length=40)]) -> Response:
    """Take a grant back, and free what it holds."""
    await run_in_threadpool(_release, request, name, await fields(request))
    return RedirectResponse("/grants", HTTPStatus.SEE_OTHER)


def _release(request: Request, name: str, form: Mapping[str, str]) -> None:
    with site_of(request).database.begin() as connection:
        found = store.get(connection, name)
        if found is None:
            raise RequestError(HTTPStatus.NOT_FOUND, "There is no grant of that id; the list shows all.")
        own = holder(request, "apply")
        actor = own if own == found.actor else acting.must(request, connection).person
        claimed = form.get("claimed") == "yes"
        if found.state in (State.CLAIMED, State.ABANDONED) and not claimed:
            raise InputError(f"grant {found.id} is being applied; say that the apply is dead to take it back")
        store.release(connection, name, actor=actor, reason=form.get("reason", "").strip()[:2000], claimed=claimed)


def _line(row: Mapping[str, Any], *, person: bool, own: bool) -> dict[str, Any]:
    held = [{**hold, "amount": Decimal(hold["amount"])} for hold in row["holds"]]
    return {**row, "holds": held, "may_release": row["state"] in ("issued", "claimed", "abandoned") and (person or own)}

"""Incidents: what went wrong or round the gate, its story, and closing it with what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from infragod.db import audit
from infragod.db.connection import Connection
from infragod.errors import InputError
from infragod.incidents import store
from infragod.incidents.incident import Incident
from infragod.policy import store as decisions
from infragod.policy.grants import store as grants
from infragod.web.access import same_origin, site_of, viewer
from infragod.web.errors import RequestError
from infragod.web.format import VERDICTS, moment
from infragod.web.forms import fields
from infragod.web.pages import acting
from infragod.web.pages.states import OPERATIONS
from infragod.web.story import told

PAGE: Final = 50
LISTED: Final = 10
STORY: Final = 200
KINDS: Final = {"break-glass": "Glass broken", "state": "State differs"}
STATES: Final = {"open": "Open", "all": "All"}
_FACTS: Final = {
    "reason": "Reason",
    "person": "By",
    "account": "Account",
    "verdict": "Verdict",
    "until": "Let pass until",
    "what": "What happened to the state",
    "operation": "Terraform's operation",
    "lock": "Lock",
    "version": "Version of the state",
    "serial": "Serial",
    "lineage": "Lineage",
}

router = APIRouter(prefix="/incidents", include_in_schema=False, dependencies=[Depends(viewer)])
Number = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("")
def listed(
    request: Request,
    state: Annotated[str, Query(max_length=10)] = "open",
    kind: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The incidents, newest first: the open ones, or all."""
    if state not in STATES:
        raise InputError(f"{state!r} is no state to filter by; it is one of {', '.join(STATES)}")
    site = site_of(request)
    with site.database.read() as connection:
        found = store.recent(
            connection, closed=state == "all", kind=kind.strip() or None, before=before, limit=PAGE + 1
        )
    context = {
        "lines": found[:PAGE],
        "next": found[PAGE - 1].number if len(found) > PAGE else None,
        "later": before is not None,
        "given": {"state": state} | ({"kind": kind} if kind else {}),
        "states": STATES,
        "kinds": KINDS,
        "kind": kind,
        "state": state,
    }
    return site.page(request, "incidents.html", context)


@router.get("/{number}")
def one(request: Request, number: Number) -> Response:
    """One incident with its story."""
    site = site_of(request)
    with site.database.read() as connection:
        found = _found(connection, number)
        context = {
            "incident": found,
            "kinds": KINDS,
            "facts": _facts(found),
            "unapproved": [str(item) for item in found.details.get("unapproved", [])],
            "more": found.details.get("more", 0),
            "acting": acting.look(request, connection),
            **_around(connection, found),
        }
    return site.page(request, "incident.html", context)


@router.post("/{number}/close", dependencies=[Depends(same_origin)])
async def close(request: Request, number: Number) -> Response:
    """Close it, and show it again."""
    await run_in_threadpool(_close, request, number, await fields(request))
    return RedirectResponse(f"/incidents/{number}", HTTPStatus.SEE_OTHER)


def _close(request: Request, number: int, form: Mapping[str, str]) -> None:
    resolution = form.get("resolution", "").strip()
    if not resolution:
        raise InputError("an incident is closed with what came of it; write it beside the button")
    with site_of(request).database.begin() as connection:
        _found(connection, number)
        store.close(connection, number, resolution, acting.must(request, connection).person)


def _found(connection: Connection, number: int) -> Incident:
    try:
        return store.get(connection, number)
    except InputError:
        raise RequestError(HTTPStatus.NOT_FOUND, "There is no incident of that number; the list shows all.") from None


def _facts(found: Incident) -> list[tuple[str, str]]:
    """What is known of it, in words; what the page shows elsewhere, or is for programs, is left out."""
    details = found.details
    return [
        (title, _said(name, details[name])) for name, title in _FACTS.items() if details.get(name) not in (None, "")
    ]


def _said(name: str, value: object) -> str:
    if name == "until":
        return moment(str(value))
    return VERDICTS.get(str(value), str(value)) if name == "verdict" else OPERATIONS.get(str(value), str(value))


def _around(connection: Connection, found: Incident) -> dict[str, Any]:
    """The decision, its grants, other incidents of the workspace, and what the log tells of all that."""
    decision = str(found.details.get("decision") or "")
    near = grants.recent(connection, decision=decision, limit=LISTED) if decision else []
    subjects = {f"incident {found.number}"} | ({f"decision {decision}"} if decision else set())
    entries = audit.story(connection, subjects | {f"grant {grant.id}" for grant in near}, limit=STORY)
    lines = decisions.lines(connection, [decision]) if decision else {}
    others = [i for i in store.about(connection, subject=found.subject, limit=LISTED) if i.number != found.number]
    return {
        "decision": lines.get(decision),
        "grants": [(grant, grant.state_at(datetime.now(UTC)).value) for grant in near],
        "story": [told(entry) for entry in entries],
        "others": others,
    }

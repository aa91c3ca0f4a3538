"""Approvals for people: what waits, the answer on a decision's page, the signed link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from infragod.approval import links, requests
from infragod.approval.authority import Account
from infragod.approval.requests import store
from infragod.approval.requests.record import Request as Wanted
from infragod.approval.requests.record import document
from infragod.db.connection import Connection
from infragod.errors import InputError
from infragod.incidents import store as incidents
from infragod.policy import store as decisions
from infragod.policy.render.approval import approval_lines
from infragod.policy.waivers import store as waivers
from infragod.policy.waivers.waiver import WARN_DAYS
from infragod.web.access import approver, same_origin, site_of, viewer
from infragod.web.api.approvals import authority, decided
from infragod.web.errors import RequestError
from infragod.web.forms import fields
from infragod.web.pages import acting
from infragod.web.pages.acting import Acting

PAGE: Final = 50
LOOKED: Final = 300
"""So many of the newest are looked at for what waits for the visitor: that needs each one's content."""
STATES: Final = {
    "pending": "Waiting",
    "approved": "Approved",
    "refused": "Refused",
    "expired": "Expired",
    "void": "Withdrawn",
}
LOOKS: Final = {"approved": "allow", "refused": "deny"}
_ANSWERS: Final = ("grant", "refuse")

router = APIRouter(include_in_schema=False)


@router.get("/approvals", dependencies=[Depends(viewer)])
def listed(
    request: Request,
    state: Annotated[str, Query(max_length=10)] = "pending",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """What waits for approval, what waits for the visitor first; or what was answered, or ended."""
    if state not in STATES:
        raise InputError(f"{state!r} is no state of a request; it is one of {', '.join(STATES)}")
    at, site = datetime.now(UTC), site_of(request)
    with site.database.read() as connection:
        found = store.listed(connection, state, at, before=before, limit=PAGE + 1)
        who = acting.look(request, connection)
        count = store.count_open(connection, at)
        mine = _mine(connection, who, at) if who and state == "pending" and before is None else []
        context = {
            "mine": _rows(connection, mine, who, at),
            "looked": LOOKED if mine and count > LOOKED else 0,
            "lines": _rows(connection, found[:PAGE], who, at),
            "count": count,
            "waivers": waivers.count(connection, at.date()),
            "ending": waivers.count(connection, at.date(), at.date() + timedelta(days=WARN_DAYS)),
            "incidents": incidents.count_open(connection),
            "nobody": not authority(request, connection).digest,
        }
    more = {"person": who, "state": state, "states": STATES, "looks": LOOKS, "later": before is not None}
    following = found[PAGE - 1].number if len(found) > PAGE else None
    return site.page(request, "approvals.html", {**context, **more, "next": following})


def _mine(connection: Connection, who: Acting, at: datetime) -> list[Wanted]:
    """Those of the newest that the visitor may answer."""
    waiting = store.listed(connection, "pending", at, limit=LOOKED)
    return [r for r in waiting if requests.may_answer(r, who.account, who.law, at)][:PAGE]


def _rows(connection: Connection, found: list[Wanted], who: Acting | None, at: datetime) -> list[dict[str, Any]]:
    names = store.decisions(connection, [r.number for r in found])
    lines = decisions.lines(connection, names.values())
    return [
        requests.row(r, names.get(r.number, ""), at)
        | {
            "mine": who is not None and requests.may_answer(r, who.account, who.law, at),
            "line": lines.get(names.get(r.number, "")),
            "ended_at": r.ended_at,
        }
        for r in found
    ]


@router.post("/decisions/{name}/approval", dependencies=[Depends(viewer), Depends(same_origin)])
async def answer(request: Request, name: Annotated[str, Path(max_length=40)]) -> Response:
    """Keep the answer of whoever is logged in, and show the decision again."""
    form = await fields(request)
    id_ = await run_in_threadpool(_answered, request, name, form)
    return RedirectResponse(f"/decisions/{id_}", HTTPStatus.SEE_OTHER)


def _answered(request: Request, name: str, form: Mapping[str, str]) -> str:
    who = approver(request)
    if who is None:
        raise RequestError(HTTPStatus.FORBIDDEN, "to approve, log in with a token that has the scopes read and approve")
    with site_of(request).database.begin() as connection:
        id_: str = decided(connection, name)["decision"]
        law = authority(request, connection)
        requests.answer(
            connection,
            id_,
            Account("token", who),
            _what(form),
            law,
            via="page",
            reason=form.get("reason", ""),
            seen=form.get("binding") or "-",
        )
    return id_


def _what(form: Mapping[str, str]) -> str:
    what = form.get("answer", "")
    if what not in _ANSWERS:
        raise InputError("this form has no answer; press Approve or Refuse")
    return what


@router.get("/approvals/link")
def link(request: Request, key: Annotated[str, Query(max_length=300)] = "") -> Response:
    """What the link is for, and a form; looking changes nothing, since mail scanners follow links."""
    site = site_of(request)
    with site.database.read() as connection:
        found = links.read(connection, links.key(site.settings.home), key)
        decision = decided(connection, found.decision)
        context = {"decision": decision, "person": found.person, "key": key, "done": ""}
        return site.page(request, "approval_link.html", {**context, **shown(request, connection, decision, None)})


@router.post("/approvals/link", dependencies=[Depends(same_origin)])
async def use_link(request: Request) -> Response:
    """Keep the answer, and use the link up."""
    return await run_in_threadpool(_used, request, await fields(request))


def _used(request: Request, form: Mapping[str, str]) -> Response:
    site = site_of(request)
    key, signing = form.get("key", ""), links.key(site.settings.home)
    with site.database.begin() as connection:
        found = links.read(connection, signing, key)
        law = authority(request, connection)
        links.use(connection, signing, key, _what(form), law, reason=form.get("reason", ""))
        decision = decided(connection, found.decision)
        done = "approved" if form["answer"] == "grant" else "refused"
        context = {"decision": decision, "person": found.person, "key": "", "done": done}
        return site.page(request, "approval_link.html", {**context, **shown(request, connection, decision, None)})


def shown(request: Request, connection: Connection, decision: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    """How it stands with a decision's approval now, and whether the token `name` may answer."""
    at = datetime.now(UTC)
    law = authority(request, connection)
    state = requests.state(connection, decision["decision"], law, at)
    now = document(state)
    lines = approval_lines({"approval": now, "decision": decision["decision"]})
    mine = state.request is not None and name is not None
    return {
        "approval": now,
        "approval_lines": lines,
        "may_answer": mine and _may(state.request, name, law, at),
        "requesters": sorted(state.request.requesters) if state.request else [],
    }


def _may(wanted: Wanted | None, name: str | None, law: Any, at: datetime) -> bool:
    return wanted is not None and name is not None and requests.may_answer(wanted, Account("token", name), law, at)

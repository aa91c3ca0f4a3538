"""Approvals for people: what waits, waivers and incidents; the answer on a decision's page; the signed link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
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
from infragod.policy.render.approval import approval_lines
from infragod.policy.waivers import store as waivers
from infragod.web.access import approver, same_origin, site_of, viewer
from infragod.web.api.approvals import authority, decided
from infragod.web.errors import RequestError
from infragod.web.forms import fields

SHOWN: Final = 100
_ANSWERS: Final = ("grant", "refuse")

router = APIRouter(include_in_schema=False)


@router.get("/approvals", dependencies=[Depends(viewer)])
def listed(request: Request) -> Response:
    """What waits for approval, the waivers in force, the open incidents."""
    at = datetime.now(UTC)
    name = approver(request)
    with site_of(request).database.read() as connection:
        law = authority(request, connection)
        found = [r for r in store.recent(connection, ["pending"], limit=SHOWN) if r.value(at) == "pending"]
        names = store.decisions(connection, [r.number for r in found])
        context = {
            "waiting": [
                requests.row(r, names.get(r.number, ""), at)
                | {"mine": name is not None and requests.may_answer(r, Account("token", name), law, at)}
                for r in found
            ],
            "waivers": [
                (w, w.state(at.date()), w.days_left(at.date())) for w in waivers.current(connection, at.date())
            ],
            "incidents": incidents.recent(connection, limit=SHOWN),
            "nobody": not law.digest,
        }
    return site_of(request).page(request, "approvals.html", context)


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

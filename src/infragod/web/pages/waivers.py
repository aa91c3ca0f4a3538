"""Waivers: what is let pass, whose it is and until when; proposing, agreeing and ending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from infragod.db.connection import Connection
from infragod.errors import InputError
from infragod.org import store as org
from infragod.policy import waivers
from infragod.policy.rules import near
from infragod.policy.waivers import Proposal, store
from infragod.policy.waivers.waiver import MOST_DAYS, WARN_DAYS, Waiver
from infragod.resource import Level
from infragod.web.access import same_origin, site_of, viewer
from infragod.web.api.checks import Desk
from infragod.web.forms import fields
from infragod.web.pages import acting
from infragod.web.pages.acting import Acting
from infragod.web.site import today

PAGE: Final = 50
STATES: Final = {"current": "In force or proposed", "all": "Ended ones too"}
LOOKS: Final = {"open": "allow", "ending": "warn", "proposed": "needs_approval"}

router = APIRouter(prefix="/waivers", include_in_schema=False, dependencies=[Depends(viewer)])
Name = Annotated[str, Path(max_length=12)]
Changing = Callable[[Connection, str, Acting], Waiver]


@router.get("")
def listed(
    request: Request,
    state: Annotated[str, Query(max_length=10)] = "current",
    after: Annotated[str, Query(max_length=30)] = "",
    rule: Annotated[str, Query(max_length=200)] = "",
    address: Annotated[str, Query(max_length=1000)] = "",
    workspace: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Those in force or proposed, who ends first coming first; or all there ever were, newest first.

    `rule`, `address` and `workspace` fill the form in: a decision's page links here with what it found.
    """
    if state not in STATES:
        raise InputError(f"{state!r} is no state to filter by; it is one of {', '.join(STATES)}")
    site, day = site_of(request), today()
    with site.database.read() as connection:
        found = _page(connection, state, after, day)
        who = acting.look(request, connection)
        teams = [team.name for team in org.teams(connection)] if who else []
    shown, levels = found[:PAGE], _levels(request)
    context = {
        "lines": [_line(waiver, day, who, levels) for waiver in shown],
        "next": _place(shown[-1], state) if len(found) > PAGE else None,
        "later": bool(after),
        "state": state,
        "states": STATES,
        "acting": who,
        "teams": teams,
        "rules": sorted(levels),
        "filled": {"rule": rule, "address": address, "workspace": workspace},
        "days": MOST_DAYS,
        "warn_days": WARN_DAYS,
    }
    return site.page(request, "waivers.html", context)


@router.post("", dependencies=[Depends(same_origin)])
async def propose(request: Request) -> Response:
    """Propose a waiver; one of an advisory rule is in force at once."""
    await run_in_threadpool(_propose, request, await fields(request))
    return RedirectResponse("/waivers", HTTPStatus.SEE_OTHER)


@router.post("/{name}/agree", dependencies=[Depends(same_origin)])
def agree(request: Request, name: Name) -> Response:
    """Agree to what somebody else proposed."""
    return _changed(request, name, lambda c, n, who: waivers.approve(c, n, who.account, who.law))


@router.post("/{name}/end", dependencies=[Depends(same_origin)])
def end(request: Request, name: Name) -> Response:
    """End it now."""
    return _changed(request, name, lambda c, n, who: store.end(c, n, who.person))


def _changed(request: Request, name: str, change: Changing) -> Response:
    with site_of(request).database.begin() as connection:
        change(connection, name, acting.must(request, connection))
    return RedirectResponse("/waivers", HTTPStatus.SEE_OTHER)


def _propose(request: Request, form: Mapping[str, str]) -> None:
    given = {name: form.get(name, "").strip() for name in ("rule", "address", "workspace", "reason", "owner")}
    levels = _levels(request)
    with site_of(request).database.begin() as connection:
        who = acting.must(request, connection)
        if given["rule"] not in levels:
            raise InputError(f"there is no rule {given['rule']!r}{near(given['rule'], levels)}")
        proposal = Proposal(**given, author=who.account.name, until=_day(form.get("until", "")))
        waivers.add(connection, proposal, levels[given["rule"]])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no date; write the last day as YYYY-MM-DD") from None


def _page(connection: Connection, state: str, after: str, day: date) -> list[Waiver]:
    last, _, number = after.rpartition(".")
    if after and not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004 - fits the key
        raise InputError("that is no place of the list to go on from; begin with its first page")
    if state == "all":
        return store.everyone(connection, before=int(number) if after else None, limit=PAGE + 1)
    return store.ahead(connection, day, after=(_day(last), int(number)) if after else None, limit=PAGE + 1)


def _place(waiver: Waiver, state: str) -> str:
    return f".{waiver.number}" if state == "all" else f"{waiver.until}.{waiver.number}"


def _levels(request: Request) -> dict[str, Level]:
    desk: Desk = request.app.state.desk
    return {rule.id: rule.level for rule in desk.house.in_force().rules.all}


def _line(waiver: Waiver, day: date, who: Acting | None, levels: Mapping[str, Level]) -> dict[str, Any]:
    advisory = levels.get(waiver.rule) is Level.ADVISORY
    alone = not waiver.approved_by or (waiver.approved_by == waiver.author and not advisory)
    state = waiver.state(day)
    over = state in ("ended", "expired")
    own = who is None or who.account.name == waiver.author or who.person in who.law.called(frozenset({waiver.author}))
    return {
        "waiver": waiver,
        "state": state,
        "look": LOOKS.get(state, ""),
        "left": waiver.days_left(day),
        "may_end": who is not None and not over,
        "may_agree": not over and not own and alone,
    }

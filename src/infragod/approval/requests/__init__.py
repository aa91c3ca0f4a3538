"""Requests for approval: opened by a decision, kept by an equal plan, answered once a person, ended by time.

A request belongs to one plan of one workspace and to what was found in it (`binding`). Another decision on an equal
plan rests on the same request and keeps its approvals; one on a plan that differs opens another, and `lost` says why.
Every function takes the connection of a write transaction; each step goes into the audit log.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from infragod.approval.authority import Account, Authority, Person
from infragod.approval.delegation import speaks_for, voices
from infragod.approval.requests import store
from infragod.approval.requests.difference import why_another
from infragod.approval.requests.record import Ask, Request, State, Vote, Wanted
from infragod.db import audit
from infragod.db.connection import lock
from infragod.errors import InputError

if TYPE_CHECKING:
    from infragod.db.connection import Connection

REASON_LENGTH: Final = 2000
_ENDED: Final = {
    "approved": "was approved already",
    "refused": "was refused; `infragod approve request` asks anew",
    "expired": "has expired; `infragod approve request` asks anew",
    "void": "was withdrawn; `infragod approve request` asks anew",
}


def binding(ask: Ask) -> str:
    """A hash of what is to be approved: the plan, the things found in it, and who must approve them."""
    items = sorted([item.rule, item.address] for item in ask.items)
    needed = sorted([list(need.by), need.count] for need in ask.needs)
    text = json.dumps([ask.workspace, ask.plan_digest, items, needed], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def look(connection: Connection, ask: Ask, authority: Authority, at: datetime | None = None) -> State:
    """How things stand with the approval of a plan that is not recorded; nothing is opened."""
    at = at or datetime.now(UTC)
    found = _covering(connection, ask, at)
    return State("none", wanted=_wanted(ask, authority, at)) if found is None else _state(found, authority, at)


def attach(connection: Connection, ask: Ask, authority: Authority, at: datetime | None = None) -> State:
    """The request that covers `ask`, or a new one; tell `belongs` the decision once it has an id."""
    at = at or datetime.now(UTC)
    lock(connection, _lock_number(ask.workspace))
    found = _covering(connection, ask, at) or _open(connection, ask, at)
    store.add_requesters(connection, found.number, ask.requesters)
    return _state(found, authority, at)


def belongs(connection: Connection, state: State, decision: str) -> None:
    """Note that `decision` rests on the request of `state`, or on the glass that was broken for an equal plan."""
    if state.request is not None:
        store.attach(connection, state.request.number, decision)
    if state.glass is not None and store.broken_for(connection, decision) is None:
        store.add_glass(connection, state.glass, decision)


def state(
    connection: Connection, decision: str, authority: Authority | None = None, at: datetime | None = None
) -> State:
    """How things stand with the approval of a recorded decision; `authority` adds the people who may give it."""
    at = at or datetime.now(UTC)
    glass = store.broken_for(connection, decision)
    found = store.of_decision(connection, decision)
    if glass is not None and glass.expires_at > at:
        made = _state(found, authority or Authority(), at) if found else State("approved")
        return replace(made, value="approved", glass=glass)
    if found is None:
        return State("none" if glass is None else "expired")
    return _state(found, authority or Authority(), at)


def ask_again(
    connection: Connection,
    decision: str,
    by: str,
    reason: str,
    authority: Authority,
    at: datetime | None = None,
) -> State:
    """Ask for the approval of a decision by name: an ended request is opened anew, a pending one gets the reason."""
    at = at or datetime.now(UTC)
    old = _of(connection, decision)
    value = old.value(at)
    if value == "approved":
        raise InputError(f"decision {decision} is approved already; there is nothing to ask for")
    if value != "pending":
        if old.policy != authority.digest:
            raise InputError(f"approvals.toml has changed since decision {decision}; check the plan again")
        new = {"kept": "pending", "votes": (), "ended_at": None, "lost": ""}
        fresh = replace(old, opened_at=at, expires_at=at + timedelta(days=authority.pending_days), **new)  # type: ignore[arg-type]
        number = _insert(connection, fresh, old.policy)
        store.add_requesters(connection, number, old.requesters)
        store.attach(connection, number, decision)
        old = _by_number(connection, number)
    store.add_requesters(connection, old.number, [by])
    if reason:
        store.change(connection, old.number, reason=_text(reason))
    audit.append(connection, "approval.asked", by, {"decision": decision, "request": old.number, "reason": reason})
    return _state(_by_number(connection, old.number), authority, at)


def answer(
    connection: Connection,
    decision: str,
    account: Account,
    what: str,
    authority: Authority,
    *,
    via: str,
    reason: str = "",
    seen: str = "",
    at: datetime | None = None,
) -> State:
    """Let a person `grant` or `refuse`; ``InputError`` says in one sentence why they may not.

    `seen` is the binding of what the person had before their eyes, where that may have changed.
    """
    at = at or datetime.now(UTC)
    request = _of(connection, decision)
    _still_open(request, decision, seen, at)
    person = _allowed(request, decision, account, authority)
    powers = _powers(request, decision, person, authority, at)
    if what == "refuse" and not reason.strip():
        raise InputError("a refusal needs a reason, for whoever has to mend the plan; add one")
    if any(vote.person == person.name for vote in request.votes):
        raise InputError(f"{person.name} has answered decision {decision} already; one answer of each person counts")
    vote = Vote(person.name, what, at, str(account), via, _text(reason), authority.digest, powers)
    store.add_vote(connection, request.number, vote)
    details = {"decision": decision, "request": request.number, "binding": request.binding, "account": vote.account}
    details |= {"via": via, "policy": vote.policy, "reason": vote.reason, "speaks_for": sorted(powers)}
    audit.append(connection, f"approval.{what}", person.name, details, at=at)
    return _settle(connection, request.number, decision, person.name, what, authority, at)


def void(connection: Connection, decision: str, by: str, reason: str, at: datetime | None = None) -> State:
    """End a request that waits or is approved, because who asked takes it back or it has done its service."""
    at = at or datetime.now(UTC)
    request = _of(connection, decision)
    if request.value(at) not in ("pending", "approved"):
        raise InputError(f"the approval of decision {decision} {_ENDED[request.value(at)]}")
    store.change(connection, request.number, state="void", ended_at=at, ended_by=by)
    audit.append(connection, "approval.void", by, {"decision": decision, "request": request.number, "reason": reason})
    return _state(_by_number(connection, request.number), Authority(), at)


def withdraw(
    connection: Connection,
    decision: str,
    account: Account,
    reason: str,
    authority: Authority,
    at: datetime | None = None,
) -> State:
    """Take back a request; only who asked may."""
    request = _of(connection, decision)
    person = authority.person(account)
    asked = account.name in request.requesters
    if not asked and (person is None or person.name not in authority.called(request.requesters)):
        raise InputError(f"{person.name if person else account.name} did not ask for decision {decision}")
    return void(connection, decision, person.name if person else account.name, reason, at)


def row(request: Request, decision: str, at: datetime) -> dict[str, Any]:
    """A request as lists show it."""
    return {
        "decision": decision,
        "workspace": request.workspace,
        "state": request.value(at),
        "opened_at": request.opened_at.isoformat(),
        "until": request.expires_at.isoformat(),
        "rules": sorted({item.rule for item in request.items}),
        "for": "; ".join(dict.fromkeys(need.who for need in request.needs)),
        "requesters": sorted(request.requesters),
        "votes": [{"person": vote.person, "answer": vote.answer} for vote in request.votes],
        "reason": request.reason,
    }


def may_answer(request: Request, account: Account, authority: Authority, at: datetime) -> bool:
    """True if this account's person may answer the request now."""
    try:
        person = _allowed(request, "", account, authority)
        _powers(request, "", person, authority, at)
    except InputError:
        return False
    return request.value(at) == "pending" and all(vote.person != person.name for vote in request.votes)


def wanted(request: Request, authority: Authority, at: datetime) -> tuple[Wanted, ...]:
    """Each approval that the request needs, with who may give it today and how many there are.

    While it waits, the votes of those who left since count no more.
    """
    barred = authority.called(request.requesters)
    votes = {name: powers for name, powers in request.granted().items() if name in authority.people}
    return tuple(
        Wanted(
            need,
            _able(need.by, authority, barred, at),
            need.count if request.kept == "approved" else min(need.count, voices(votes, authority.members(need.by))),
        )
        for need in request.needs
    )


def _wanted(ask: Ask, authority: Authority, at: datetime) -> tuple[Wanted, ...]:
    barred = authority.called(ask.requesters)
    return tuple(Wanted(need, _able(need.by, authority, barred, at), 0) for need in ask.needs)


def _able(by: tuple[str, ...], authority: Authority, barred: frozenset[str], at: datetime) -> tuple[str, ...]:
    """Who may answer for `by` today: its people and their deputies."""
    wanted_ones = authority.members(by) - barred
    day = at.date()
    able = [p for p in authority.people if speaks_for(p, authority.deputies, day, barred) & wanted_ones]
    return tuple(sorted(able))


def _state(request: Request, authority: Authority, at: datetime) -> State:
    return State(request.value(at), request, wanted(request, authority, at))


def _settle(
    connection: Connection, number: int, decision: str, by: str, what: str, authority: Authority, at: datetime
) -> State:
    request = _by_number(connection, number)
    if what == "refuse":
        store.change(connection, number, state="refused", ended_at=at, ended_by=by)
    elif all(w.met for w in wanted(request, authority, at)):
        until = at + timedelta(days=authority.approved_days)
        store.change(connection, number, state="approved", ended_at=at, ended_by=by, expires_at=until)
        done = {"decision": decision, "request": number, "binding": request.binding, "until": until.isoformat()}
        audit.append(connection, "approval.approved", by, done, at=at)
    return _state(_by_number(connection, number), authority, at)


def _still_open(request: Request, decision: str, seen: str, at: datetime) -> None:
    value = request.value(at)
    if value != "pending":
        raise InputError(f"the approval of decision {decision} {_ENDED[value]}")
    if seen and seen != request.binding:
        raise InputError(f"what decision {decision} asks for has changed since you saw it; look at it again")


def _allowed(request: Request, decision: str, account: Account, authority: Authority) -> Person:
    if not authority.digest:
        raise InputError("nobody may approve anything yet; name people in approvals.toml (docs/guides/approvals.md)")
    person = authority.person(account)
    if person is None:
        raise InputError(f"{account} is nobody in approvals.toml (any more), and so may not approve")
    barred = authority.called(request.requesters)
    if person.name in barred or account.name in request.requesters:
        raise InputError(f"{person.name} asked for decision {decision}, and so may not approve it; ask somebody else")
    if authority.known_requesters and not barred:
        raise InputError(
            f"nobody of approvals.toml is known to have asked for decision {decision}; "
            f"check the plan again with --requester NAME"
        )
    return person


def _powers(request: Request, decision: str, person: Person, authority: Authority, at: datetime) -> frozenset[str]:
    """Whose power the person holds for any of the needs."""
    barred = authority.called(request.requesters)
    powers = speaks_for(person.name, authority.deputies, at.date(), barred)
    able = frozenset(name for need in request.needs for name in authority.members(need.by))
    if not powers & able:
        who = "; ".join(dict.fromkeys(need.who for need in request.needs))
        raise InputError(f"{person.name} may not approve decision {decision}: that is for {who}")
    return powers & able


def _covering(connection: Connection, ask: Ask, at: datetime) -> Request | None:
    """The newest request that is in force, for this plan, and asks for no less."""
    items = {(item.rule, item.address) for item in ask.items}
    needed = {(need.by, need.count) for need in ask.needs}
    for request in store.of_plan(connection, ask.workspace, ask.plan_digest):
        there = items <= {(i.rule, i.address) for i in request.items}
        if there and needed <= {(n.by, n.count) for n in request.needs}:
            value = request.value(at)
            kept = value in ("pending", "approved") or (value == "refused" and request.policy == ask.policy)
            return request if kept else None
    return None


def _open(connection: Connection, ask: Ask, at: datetime) -> Request:
    before = store.latest(connection, ask.workspace)
    fresh = Request(
        number=0,
        workspace=ask.workspace,
        plan_digest=ask.plan_digest,
        binding=binding(ask),
        policy=ask.policy,
        kept="pending",
        opened_at=at,
        expires_at=at + timedelta(days=ask.days),
        ended_at=None,
        ended_by="",
        reason="",
        lost=why_another(before, ask, at) if before is not None else "",
        reminded_at=None,
        items=ask.items,
        needs=ask.needs,
        parts=ask.parts,
        requesters=ask.requesters,
        votes=(),
    )
    number = _insert(connection, fresh, ask.policy)
    return replace(fresh, number=number)


def _insert(connection: Connection, new: Request, policy: str) -> int:
    content = {
        "items": [[i.rule, i.address, i.team, i.environment] for i in new.items],
        "needs": [{"clause": n.clause, "by": n.by, "count": n.count, "rules": n.rules} for n in new.needs],
        "parts": dict(new.parts),
    }
    row = {
        "workspace": new.workspace,
        "plan_digest": new.plan_digest,
        "binding": new.binding,
        "policy": policy,
        "state": "pending",
        "opened_at": new.opened_at,
        "expires_at": new.expires_at,
        "reason": new.reason,
        "lost": new.lost,
    }
    number = store.insert(connection, row, content)
    asked = {"request": number, "workspace": new.workspace, "binding": new.binding, "policy": policy}
    who = ", ".join(sorted(new.requesters)) or "unknown"
    audit.append(connection, "approval.opened", who[:200], asked | {"lost": new.lost}, at=new.opened_at)
    return number


def _of(connection: Connection, decision: str) -> Request:
    """The request of a decision, held until the transaction ends."""
    found = store.of_decision(connection, decision)
    if found is None:
        raise InputError(f"decision {decision} asks for no approval; `infragod approve list` shows those that do")
    lock(connection, _lock_number(found.workspace))
    again = store.of_decision(connection, decision)  # another may have answered while we waited
    return found if again is None else again


def _by_number(connection: Connection, number: int) -> Request:
    found = store.by_number(connection, number)
    assert found is not None  # noqa: S101 - it was written in this transaction
    return found


def _lock_number(workspace: str) -> int:
    return int.from_bytes(hashlib.sha256(f"approval {workspace}".encode()).digest()[:8], signed=True)


def _text(reason: str) -> str:
    if len(reason) > REASON_LENGTH:
        raise InputError(f"the reason is longer than {REASON_LENGTH} characters; shorten it")
    return "".join(c if c.isprintable() else " " for c in reason).strip()

"""The table `apply_grant`: issue, claim, finish and end grants, each step in the audit log.

Every function takes the connection of a write transaction, but those that only read. Two grants are never judged at
once: ``issue`` holds the lock of the budgets until its transaction ends, so that the second sees what the first holds.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Row,
    String,
    Table,
    Text,
    and_,
    or_,
    select,
)

from infragod.budget.holds import Opening, OpenItem, month_end
from infragod.budget.holds import store as holds
from infragod.db import audit
from infragod.db.base import Number, UtcTime, metadata
from infragod.errors import InputError
from infragod.focus import Period, exact
from infragod.policy import store as record_store
from infragod.policy.grants import (
    DEAD_AFTER,
    LONGEST,
    Asked,
    Grant,
    Issued,
    Reason,
    RefusedError,
    State,
    Summary,
    Terms,
    digest,
    judge,
    mint,
    subject,
)

_LINEAGE: Final = 200
_SERIALS: Final = 2**63

grant: Final = Table(
    "apply_grant",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", String(9), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("decision", String(9), nullable=False, index=True),
    Column("workspace", String(300), nullable=False),
    Column("change_request", String(300), nullable=False),
    Column("lineage", String(_LINEAGE), nullable=False),
    Column("serial", Number, nullable=False),
    Column("plan_digest", String(100), nullable=False),
    Column("file_digest", String(64), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("claimed_at", UtcTime),
    Column("lock_id", String(200), index=True),
    Column("alive_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("note", Text, nullable=False),
    Index(None, "workspace", "state"),
    Index(None, "state", "number"),
    Index(None, "workspace", "number"),
    info={"row": "leave to apply one plan, once; only the hash of its token is kept"},
)

_ENDED: Final = {
    State.CLAIMED: "is being used already",
    State.USED: "was used already",
    State.ABANDONED: "was abandoned by its apply",
    State.EXPIRED: "has expired",
    State.RELEASED: "was withdrawn",
    State.REPLACED: "was replaced by one for a newer plan",
}


def issue(connection: Connection, asked: Asked, terms: Terms, *, at: datetime | None = None) -> Issued:
    """A grant on the decision, with its holds; ``RefusedError`` says in one sentence why there is none."""
    at = at or datetime.now(UTC)
    _refuse_odd(asked)
    holds.exclusive(connection)
    expire(connection, at)
    found = judge.decided(connection, asked.decision, terms, at)
    old = waiting(connection, found["workspace"], asked.change_request, at)
    besides = {g.subject for g in old} | _abandoned(connection, found["workspace"])
    items = judge.items(found, _unbilled(connection, found["workspace"], at), terms)
    judge.budgets(connection, found, items, terms, at, besides)
    for replaced in old:
        _end(connection, replaced, State.REPLACED, asked.actor, f"a grant on decision {found['decision']}", at)
    token = mint()
    made = _insert(connection, asked, found, token, at)
    held = holds.open_holds(
        connection,
        items,
        Opening(made.workspace, Period.of(terms.day), found["currency"], made.subject, at, made.expires_at),
    )
    amounts = {"held": {team: exact(amount) for team, amount in held.items()}}
    audit.append(connection, "grant.issue", asked.actor, _audited(made) | amounts, at=at)
    return Issued(made, token, held)


def claim(
    connection: Connection,
    token: str,
    *,
    workspace: str,
    lineage: str,
    serial: int,
    lock_id: str,
    at: datetime | None = None,
) -> Grant:
    """Claim the grant of `token` for the lock `lock_id`; claimed again by the same lock it stays claimed."""
    at = at or datetime.now(UTC)
    found = holder(connection, token)
    if found is None:
        raise RefusedError(Reason.UNKNOWN, "this grant is unknown; take one by `infragod terraform apply`")
    _refuse_unbound(found, workspace, lineage, serial)
    state = found.state_at(at)
    if state is State.CLAIMED and lock_id and hmac.compare_digest(found.lock_id.encode(), lock_id.encode()):
        return found
    if state is not State.ISSUED:
        raise RefusedError(Reason.STATE, f"grant {found.id} {_ENDED[state]}; check the plan again and take a new one")
    open_still = (grant.c.id == found.id) & (grant.c.state == State.ISSUED.value)
    values = {"state": State.CLAIMED.value, "claimed_at": at, "lock_id": lock_id}
    if connection.execute(grant.update().where(open_still).values(**values)).rowcount != 1:
        raise RefusedError(Reason.STATE, f"grant {found.id} {_ENDED[State.CLAIMED]}; check the plan again")
    holds.prolong(connection, found.subject, month_end(at.date()))
    audit.append(connection, "grant.claim", found.actor, _audited(found) | {"lock": lock_id}, at=at)
    return _one(connection, found.id)


def holder(connection: Connection, token: str) -> Grant | None:
    """The grant of `token`, whatever its state; None if there is none."""
    wanted = digest(token)
    row = connection.execute(select(grant).where(grant.c.hash == wanted)).first()
    return _grant(row) if row is not None and hmac.compare_digest(row.hash, wanted) else None


def of_lock(connection: Connection, lock_id: str) -> Grant | None:
    """The grant that was claimed by the lock `lock_id`; None if there is none."""
    row = connection.execute(select(grant).where(grant.c.lock_id == lock_id).order_by(grant.c.number.desc())).first()
    return None if row is None else _grant(row)


def beat(connection: Connection, token: str, *, at: datetime | None = None) -> Grant:
    """A sign of life of the apply that claimed the grant of `token`; ``RefusedError`` where it is wanted no longer."""
    at = at or datetime.now(UTC)
    found = holder(connection, token)
    if found is None:
        raise RefusedError(Reason.UNKNOWN, "this grant is unknown; take one by `infragod terraform apply`")
    state = found.state_at(at)
    running = (grant.c.id == found.id) & (grant.c.state == State.CLAIMED.value)
    if (
        state is not State.CLAIMED
        or connection.execute(grant.update().where(running).values(alive_at=at)).rowcount != 1
    ):
        said = "is not claimed yet" if state is State.ISSUED else _ENDED[state]
        raise RefusedError(Reason.STATE, f"grant {found.id} {said}")
    return _one(connection, found.id)


def finish(connection: Connection, lock_id: str, summary: Summary, *, at: datetime | None = None) -> Grant:
    """The apply under `lock_id` has ended: the grant is used, and what was not made is held no longer.

    Told again, with more known of the state, it learns that too.
    """
    at = at or datetime.now(UTC)
    holds.exclusive(connection)
    found = of_lock(connection, lock_id)
    if found is None or found.state not in (State.CLAIMED, State.USED, State.ABANDONED):
        raise RefusedError(Reason.STATE, "no grant is claimed by that lock; take one by `infragod terraform apply`")
    released = _settle(connection, found, summary, at)
    if found.state is State.USED and not released:
        return found
    note = "applied" if summary.applied else "ended with an error"
    if found.state is State.USED:
        note = found.note or note
    ended_at = at if found.state is State.ABANDONED else found.ended_at or at
    values = {"state": State.USED.value, "ended_at": ended_at, "note": note}
    connection.execute(grant.update().where(grant.c.id == found.id).values(**values))
    details = {"lock": lock_id, "applied": summary.applied, "holds_ended": released}
    audit.append(connection, "grant.finish", found.actor, _audited(found) | details, at=at)
    return _one(connection, found.id)


def conclude(connection: Connection, token: str, summary: Summary, *, at: datetime | None = None) -> Grant:
    """What the holder of `token` says at its end: claimed, it is finished; never claimed, it is withdrawn."""
    at = at or datetime.now(UTC)
    found = holder(connection, token)
    if found is None:
        raise RefusedError(Reason.UNKNOWN, "this grant is unknown; take one by `infragod terraform apply`")
    if found.lock_id:
        return finish(connection, found.lock_id, summary, at=at)
    if found.state_at(at) is not State.ISSUED:
        return found
    return release(connection, found.id, actor=found.actor, reason="not used", at=at)


def release(
    connection: Connection,
    name: str,
    *,
    actor: str,
    reason: str = "",
    claimed: bool = False,
    at: datetime | None = None,
) -> Grant:
    """Withdraw the grant named so, and end its holds; one that is being applied only if `claimed` says so."""
    at = at or datetime.now(UTC)
    holds.exclusive(connection)
    found = get(connection, name)
    if found is None:
        raise RefusedError(Reason.UNKNOWN, f"there is no grant {name}; `infragod grants list` shows them")
    state = found.state_at(at)
    if state is not State.ISSUED and not (claimed and state in (State.CLAIMED, State.ABANDONED)):
        raise RefusedError(Reason.STATE, f"grant {found.id} {_ENDED[state]}, so it cannot be withdrawn")
    _end(connection, found, State.RELEASED, actor, reason or "withdrawn", at)
    return _one(connection, found.id)


def expire(connection: Connection, at: datetime) -> int:
    """Mark the grants and holds whose time is over, which have counted no longer since then, and abandoned grants."""
    abandon(connection, at)
    over = (grant.c.state == State.ISSUED.value) & (grant.c.expires_at <= at)
    gone = [_grant(row) for row in connection.execute(select(grant).where(over).order_by(grant.c.number))]
    for old in gone:
        _end(connection, old, State.EXPIRED, old.actor, "not used in time", at)
    holds.expire(connection, at)
    return len(gone)


def abandon(connection: Connection, at: datetime) -> list[Grant]:
    """Mark the grants whose apply has given signs of life, and none for ``DEAD_AFTER``; their holds stay.

    An apply under a lock of our own state backend gives none: who breaks its lock ends its grant.
    """
    silent = (grant.c.state == State.CLAIMED.value) & (grant.c.alive_at <= at - DEAD_AFTER)
    found = [_grant(row) for row in connection.execute(select(grant).where(silent).order_by(grant.c.number))]
    gone = []
    for old in found:
        note = f"no sign of life since {old.alive_at:%F %H:%M} UTC; its plan may be applied in part"
        values = {"state": State.ABANDONED.value, "ended_at": at, "note": note}
        if connection.execute(grant.update().where(silent, grant.c.id == old.id).values(**values)).rowcount == 1:
            audit.append(connection, "grant.abandon", old.actor, _audited(old) | {"note": note}, at=at)
            gone.append(old)
    return gone


def get(connection: Connection, name: str) -> Grant | None:
    """The grant named so, however people type it; None if there is none."""
    row = connection.execute(select(grant).where(grant.c.id == record_store.normal_id(name))).first()
    return None if row is None else _grant(row)


def waiting(connection: Connection, workspace: str, change_request: str, at: datetime) -> list[Grant]:
    """The grants of this workspace and change request that are issued and not claimed: a new one replaces them."""
    query = select(grant).where(
        grant.c.workspace == workspace,
        grant.c.change_request == change_request,
        grant.c.state == State.ISSUED.value,
        grant.c.expires_at > at,
    )
    return [_grant(row) for row in connection.execute(query.order_by(grant.c.number))]


def recent(
    connection: Connection,
    *,
    workspace: str | None = None,
    decision: str | None = None,
    state: str | None = None,
    before: str | None = None,
    limit: int = 50,
    at: datetime | None = None,
) -> list[Grant]:
    """The latest grants, newest first; `state` is `open` or a ``State``, `before` the grant to page on from."""
    query = select(grant).order_by(grant.c.number.desc()).limit(limit)
    if workspace is not None:
        query = query.where(grant.c.workspace == workspace)
    if decision is not None:
        query = query.where(grant.c.decision == record_store.normal_id(decision))
    if state is not None:
        query = query.where(_in_state(state, at or datetime.now(UTC)))
    if before is not None:
        query = query.where(grant.c.number < _place(connection, before))
    return [_grant(row) for row in connection.execute(query)]


def _in_state(state: str, at: datetime) -> ColumnElement[bool]:
    """Whether a grant is in that state at `at`: what was issued expires by itself."""
    issued = grant.c.state == State.ISSUED.value
    claimed = grant.c.state == State.CLAIMED.value
    silent = and_(claimed, grant.c.alive_at.is_not(None), grant.c.alive_at <= at - DEAD_AFTER)
    if state == "open":
        return and_(
            grant.c.state.in_((State.ISSUED.value, State.CLAIMED.value)),
            ~and_(issued, grant.c.expires_at <= at),
            ~silent,
        )
    if state == State.CLAIMED.value:
        return and_(claimed, ~silent)
    if state == State.ABANDONED.value:
        return or_(grant.c.state == State.ABANDONED.value, silent)
    if state == State.ISSUED.value:
        return and_(issued, grant.c.expires_at > at)
    if state == State.EXPIRED.value:
        return or_(grant.c.state == State.EXPIRED.value, and_(issued, grant.c.expires_at <= at))
    if state not in list(State):
        raise InputError(f"{state!r} is no state of a grant; it is one of open, {', '.join(State)}")
    return grant.c.state == state


def _place(connection: Connection, name: str) -> int:
    number = connection.execute(select(grant.c.number).where(grant.c.id == record_store.normal_id(name))).scalar()
    if number is None:
        raise InputError(f"there is no grant {name!r} to page on from; begin with the newest")
    return int(number)


def used(connection: Connection, since: datetime | None = None) -> list[Grant]:
    """The grants whose plan was applied, wholly or in part, after `since`; in the order in which that ended."""
    query = select(grant).where(grant.c.state == State.USED.value).order_by(grant.c.ended_at, grant.c.number)
    if since is not None:
        query = query.where(grant.c.ended_at > since)
    return [_grant(row) for row in connection.execute(query)]


def note_refusal(connection: Connection, error: RefusedError, actor: str, details: Mapping[str, Any]) -> None:
    """Put a refusal into the audit log, in a transaction of its own; waiting for an approval is none."""
    if error.reason is not Reason.APPROVAL:
        audit.append(connection, "grant.refuse", actor, {**details, "reason": error.reason.value, "said": str(error)})


def _refuse_odd(asked: Asked) -> None:
    if not timedelta(0) < asked.ttl <= LONGEST:
        raise InputError("a grant lasts from a minute to a day; ask for another time")
    if not 0 <= asked.serial < _SERIALS or len(asked.lineage) > _LINEAGE:
        raise InputError("lineage or serial are those of no state; take them from the plan file")


def _refuse_unbound(found: Grant, workspace: str, lineage: str, serial: int) -> None:
    if found.workspace != workspace:
        raise RefusedError(Reason.BINDING, f"grant {found.id} is for {found.workspace}, and not for {workspace}")
    if found.lineage != lineage:
        raise RefusedError(
            Reason.BINDING, f"grant {found.id} is for the state of another lineage; make the plan again on this state"
        )
    if found.serial != serial:
        raise RefusedError(
            Reason.BINDING,
            f"grant {found.id} is for a plan on serial {found.serial} of the state, which is at {serial} now; "
            "make the plan again",
        )


def _unbilled(connection: Connection, workspace: str, at: datetime) -> list[OpenItem]:
    """What applied plans of the workspace still hold."""
    pending = {f"grant {row.id}" for row in _issued(connection, workspace)}
    return [i for i in holds.open_items(connection, at, workspace=workspace) if i.subject not in pending]


def _abandoned(connection: Connection, workspace: str) -> set[str]:
    """What the abandoned applies of a workspace hold does not stand in the way of its next plan."""
    query = select(grant.c.id).where(grant.c.workspace == workspace, grant.c.state == State.ABANDONED.value)
    return {subject(row.id) for row in connection.execute(query)}


def _issued(connection: Connection, workspace: str) -> list[Row[Any]]:
    query = select(grant.c.id).where(grant.c.workspace == workspace, grant.c.state == State.ISSUED.value)
    return list(connection.execute(query))


def _settle(connection: Connection, found: Grant, summary: Summary, at: datetime) -> int:
    """End what is held for resources that are not there: not made, or destroyed; note the ids of those that are."""
    unbilled = _unbilled(connection, found.workspace, at)
    if summary.resources is None:
        gone = _deleted(connection, found) if summary.applied else set()
        ended = [i for i in unbilled if i.address in gone and i.subject != found.subject]
        return holds.release_items(connection, ended, at)
    there = summary.resources
    kept = set() if summary.applied else _deleted(connection, found) & there.keys()  # the saving did not come about
    ended = [
        i
        for i in unbilled
        if (i.amount > 0 and i.address not in there) or (i.subject == found.subject and i.address in kept)
    ]
    holds.learn(connection, found.workspace, {a: known for a, known in there.items() if known}, at)
    return holds.release_items(connection, ended, at)


def _deleted(connection: Connection, found: Grant) -> set[str]:
    decision = record_store.get(connection, found.decision) or {"resources": []}
    return {r["address"] for r in decision["resources"] if r["action"] == "delete"}


def _end(connection: Connection, old: Grant, state: State, actor: str, note: str, at: datetime) -> None:
    connection.execute(grant.update().where(grant.c.id == old.id).values(state=state.value, ended_at=at, note=note))
    holds.release(connection, {old.subject}, at)
    verb = {State.REPLACED: "replace", State.RELEASED: "release", State.EXPIRED: "expire"}[state]
    audit.append(connection, f"grant.{verb}", actor, _audited(old) | {"note": note}, at=at)


def _insert(connection: Connection, asked: Asked, found: Mapping[str, Any], token: str, at: datetime) -> Grant:
    name = record_store.new_id()
    connection.execute(
        grant.insert().values(
            id=name,
            hash=digest(token),
            decision=found["decision"],
            workspace=found["workspace"],
            change_request=asked.change_request,
            lineage=asked.lineage,
            serial=asked.serial,
            plan_digest=found["plan_digest"],
            file_digest=asked.file_digest,
            actor=asked.actor,
            state=State.ISSUED.value,
            issued_at=at,
            expires_at=at + asked.ttl,
            note="",
        )
    )
    return _one(connection, name)


def _one(connection: Connection, name: str) -> Grant:
    return _grant(connection.execute(select(grant).where(grant.c.id == name)).one())


def _grant(row: Row[Any]) -> Grant:
    same = {name: getattr(row, name) for name in Grant.__slots__ if name not in ("state", "lock_id")}
    return Grant(**same, state=State(row.state), lock_id=row.lock_id or "")


def _audited(found: Grant) -> dict[str, Any]:
    return {
        "grant": found.id,
        "decision": found.decision,
        "workspace": found.workspace,
        "lineage": found.lineage,
        "serial": found.serial,
        "plan_digest": found.plan_digest,
    }

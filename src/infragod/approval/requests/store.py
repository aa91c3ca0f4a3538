"""The tables of approvals: requests, the decisions and people that asked, the votes, the links, broken glass."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    Text,
    func,
    select,
)

from infragod.approval.needs import Item, Need
from infragod.approval.requests.record import Glass, Request, Vote
from infragod.db.base import Number, UtcTime, metadata

request: Final = Table(
    "approval_request",
    metadata,
    Column("number", Number, primary_key=True),
    Column("workspace", String(300), nullable=False),
    Column("plan_digest", String(100), nullable=False),
    Column("binding", String(64), nullable=False),
    Column("policy", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by", String(200)),
    Column("reason", Text, nullable=False),
    Column("lost", Text, nullable=False),
    Column("reminded_at", UtcTime),
    Column("content", LargeBinary, nullable=False),
    Index(None, "workspace", "number"),
    Index(None, "state", "expires_at"),
    Index(None, "state", "number"),
    info={"row": "what waits for approval, or has got it: one plan of one workspace"},
)

asked: Final = Table(
    "approval_decision",
    metadata,
    Column("decision", String(9), primary_key=True),
    Column("request", Number, ForeignKey("approval_request.number"), nullable=False, index=True),
    info={"row": "a decision that rests on a request for approval"},
)

requester: Final = Table(
    "approval_requester",
    metadata,
    Column("request", Number, ForeignKey("approval_request.number"), primary_key=True, autoincrement=False),
    Column("name", String(200), primary_key=True),
    info={"row": "a name that asked for an approval and so may not give it"},
)

vote: Final = Table(
    "approval_vote",
    metadata,
    Column("request", Number, ForeignKey("approval_request.number"), primary_key=True, autoincrement=False),
    Column("person", String(200), primary_key=True),
    Column("answer", String(10), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("account", String(300), nullable=False),
    Column("via", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("speaks_for", Text, nullable=False),
    info={"row": "what a person answered, for whom they may speak, and under which approvals.toml"},
)

link: Final = Table(
    "approval_link",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("request", Number, ForeignKey("approval_request.number"), nullable=False, index=True),
    Column("person", String(200), nullable=False),
    Column("made_by", String(300), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    info={"row": "a link by which one person may answer one request once; only a hash of it is kept"},
)

glass: Final = Table(
    "break_glass",
    metadata,
    Column("number", Number, primary_key=True),
    Column("decision", String(9), nullable=False, index=True),
    Column("workspace", String(300), nullable=False),
    Column("plan_digest", String(100), nullable=False),
    Column("person", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "workspace", "plan_digest"),
    info={"row": "a denied plan that somebody let pass in an emergency, until when, and why"},
)


_AT_ONCE: Final = 500


def insert(connection: Connection, new: Mapping[str, Any], content: Mapping[str, Any]) -> int:
    """A new request; its number."""
    body = zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 6)
    done = connection.execute(request.insert().values(**new, content=body))
    return int((done.inserted_primary_key or (0,))[0])


def change(connection: Connection, number: int, **values: Any) -> None:
    """Write the columns `values` of a request."""
    connection.execute(request.update().where(request.c.number == number).values(**values))


def of_decision(connection: Connection, decision: str) -> Request | None:
    """The request that a decision rests on."""
    return _one(connection, select(request).join(asked).where(asked.c.decision == decision))


def by_number(connection: Connection, number: int) -> Request | None:
    """The request of that number."""
    return _one(connection, select(request).where(request.c.number == number))


def of_plan(connection: Connection, workspace: str, plan_digest: str) -> list[Request]:
    """All requests for one plan, newest first."""
    query = select(request).where(request.c.workspace == workspace, request.c.plan_digest == plan_digest)
    return _many(connection, query.order_by(request.c.number.desc()))


def latest(connection: Connection, workspace: str) -> Request | None:
    """The newest request of a workspace."""
    query = select(request).where(request.c.workspace == workspace).order_by(request.c.number.desc()).limit(1)
    return _one(connection, query)


def recent(connection: Connection, states: Iterable[str], *, limit: int) -> list[Request]:
    """The newest requests that were left in one of `states`."""
    query = select(request).where(request.c.state.in_(list(states))).order_by(request.c.number.desc()).limit(limit)
    return _many(connection, query)


def listed(
    connection: Connection, state: str, at: datetime, *, before: int | None = None, limit: int = 50
) -> list[Request]:
    """Requests in a state as people see it (``Request.value``), newest first; `before` a number to page on.

    The numbers are found first, by an index; the contents are read of one page alone.
    """
    kept = {"pending": "pending", "expired": "pending"}.get(state, state)
    query = select(request.c.number).where(request.c.state == kept).order_by(request.c.number.desc()).limit(limit)
    if state == "pending":
        query = query.where(request.c.expires_at > at)
    elif state == "expired":
        query = query.where(request.c.expires_at <= at)
    if before is not None:
        query = query.where(request.c.number < before)
    numbers = list(connection.execute(query).scalars())
    return _many(connection, select(request).where(request.c.number.in_(numbers)).order_by(request.c.number.desc()))


def unreminded(connection: Connection, since: datetime, at: datetime, *, limit: int) -> list[Request]:
    """Requests that wait, and of which nobody was told since then; the oldest first."""
    quiet = func.coalesce(request.c.reminded_at, request.c.opened_at) <= since
    waiting = (request.c.state == "pending", request.c.expires_at > at)
    return _many(connection, select(request).where(*waiting, quiet).order_by(request.c.number).limit(limit))


def opened(connection: Connection, since: datetime, until: datetime) -> Iterator[Request]:
    """The requests that were opened in that time, oldest first, some at a time."""
    last = 0
    within = (request.c.opened_at >= since, request.c.opened_at < until)
    query = select(request).where(*within).order_by(request.c.number).limit(_AT_ONCE)
    while found := _many(connection, query.where(request.c.number > last)):
        last = found[-1].number
        yield from found


def attach(connection: Connection, number: int, decision: str) -> None:
    """Let `decision` rest on the request `number`."""
    connection.execute(asked.delete().where(asked.c.decision == decision))
    connection.execute(asked.insert().values(decision=decision, request=number))


def add_requesters(connection: Connection, number: int, names: Iterable[str]) -> None:
    """Bar these names from approving."""
    known = set(connection.execute(select(requester.c.name).where(requester.c.request == number)).scalars())
    new = [{"request": number, "name": name} for name in sorted({n for n in names if n} - known)]
    if new:
        connection.execute(requester.insert(), new)


def decisions(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Each request's newest decision."""
    query = select(asked.c.request, asked.c.decision).where(asked.c.request.in_(list(numbers)))
    return {row.request: row.decision for row in connection.execute(query)}


def add_vote(connection: Connection, number: int, new: Vote) -> None:
    """Keep an answer."""
    connection.execute(
        vote.insert().values(
            request=number,
            person=new.person,
            answer=new.answer,
            at=new.at,
            account=new.account,
            via=new.via,
            reason=new.reason,
            policy=new.policy,
            speaks_for=json.dumps(sorted(new.speaks_for)),
        )
    )


def add_link(connection: Connection, new: Mapping[str, Any]) -> None:
    """Keep what a link is for."""
    connection.execute(link.insert().values(**new))


def link_of(connection: Connection, id_: str) -> Row[Any] | None:
    """What is kept of a link."""
    return connection.execute(select(link).where(link.c.id == id_)).first()


def use_link(connection: Connection, id_: str, at: datetime) -> bool:
    """Use a link up; False if it was used before."""
    done = connection.execute(link.update().where(link.c.id == id_, link.c.used_at.is_(None)).values(used_at=at))
    return done.rowcount == 1


def add_glass(connection: Connection, new: Glass, decision: str) -> None:
    """Keep that the glass was broken, and that `decision` passes by it."""
    connection.execute(
        glass.insert().values(
            decision=decision,
            workspace=new.workspace,
            plan_digest=new.plan_digest,
            person=new.person,
            reason=new.reason,
            opened_at=new.opened_at,
            expires_at=new.expires_at,
        )
    )


def broken(connection: Connection, workspace: str, plan_digest: str, at: datetime) -> Glass | None:
    """The broken glass that lets this plan pass at `at`."""
    query = select(glass).where(
        glass.c.workspace == workspace, glass.c.plan_digest == plan_digest, glass.c.expires_at > at
    )
    return _glass(connection.execute(query.order_by(glass.c.number.desc()).limit(1)).first())


def broken_for(connection: Connection, decision: str) -> Glass | None:
    """The newest broken glass of this very decision, in force or not."""
    query = select(glass).where(glass.c.decision == decision)
    return _glass(connection.execute(query.order_by(glass.c.number.desc()).limit(1)).first())


def count_open(connection: Connection, at: datetime) -> int:
    """How many requests wait."""
    query = select(func.count()).where(request.c.state == "pending", request.c.expires_at > at)
    return int(connection.scalar(query) or 0)


def _glass(row: Row[Any] | None) -> Glass | None:
    return None if row is None else Glass(*(getattr(row, name) for name in Glass.__slots__))


def _one(connection: Connection, query: Select[Any]) -> Request | None:
    return next(iter(_many(connection, query)), None)


def _many(connection: Connection, query: Select[Any]) -> list[Request]:
    rows = connection.execute(query).all()
    numbers = [row.number for row in rows]
    votes: dict[int, list[Vote]] = {number: [] for number in numbers}
    names: dict[int, set[str]] = {number: set() for number in numbers}
    for row in connection.execute(select(vote).where(vote.c.request.in_(numbers)).order_by(vote.c.at, vote.c.person)):
        votes[row.request].append(_vote(row))
    for row in connection.execute(select(requester).where(requester.c.request.in_(numbers))):
        names[row.request].add(row.name)
    return [_request(row, votes[row.number], names[row.number]) for row in rows]


def _vote(row: Row[Any]) -> Vote:
    return Vote(
        row.person,
        row.answer,
        row.at,
        row.account,
        row.via,
        row.reason,
        row.policy,
        frozenset(json.loads(row.speaks_for)),
    )


def _request(row: Row[Any], votes: list[Vote], names: set[str]) -> Request:
    content = json.loads(zlib.decompress(row.content))
    return Request(
        number=row.number,
        workspace=row.workspace,
        plan_digest=row.plan_digest,
        binding=row.binding,
        policy=row.policy,
        kept=row.state,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by or "",
        reason=row.reason,
        lost=row.lost,
        reminded_at=row.reminded_at,
        items=tuple(Item(*item) for item in content["items"]),
        needs=tuple(Need(n["clause"], tuple(n["by"]), n["count"], tuple(n["rules"])) for n in content["needs"]),
        parts=content["parts"],
        requesters=frozenset(names),
        votes=tuple(votes),
    )

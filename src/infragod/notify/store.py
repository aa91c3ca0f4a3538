"""The outbox: which event still has to go to which target.

The audit log is the journal of events: an entry is written in the transaction of what it tells of, and the log has no
gaps. So a target needs no more than the number up to which it has read (`webhook_target.read_to`), and a row here for
each event that it wants. One deliverer holds a target at a time, by a lease that a dead one loses.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
)

from infragod.db.audit import Entry, after, audit, head
from infragod.db.base import Number, UtcTime, metadata
from infragod.db.connection import lock

target: Final = Table(
    "webhook_target",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("read_to", Number, nullable=False),
    Column("claimed_by", String(64)),
    Column("claimed_until", UtcTime),
    info={
        "row": "a target of webhooks: the audit entry up to which its events are in the outbox, and who delivers now"
    },
)

outbox: Final = Table(
    "outbox",
    metadata,
    Column("number", Number, primary_key=True),
    Column("target", String(63), ForeignKey("webhook_target.name"), nullable=False),
    Column("event", Number, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("delivered_at", UtcTime),
    Column("dead_at", UtcTime),
    Column("fault", String(300)),
    UniqueConstraint("target", "event"),
    info={"row": "an event for one target: waiting, delivered, or dead after too many tries"},
)
_WAITING: Final = and_(outbox.c.delivered_at.is_(None), outbox.c.dead_at.is_(None))
Index("ix_outbox_waiting", outbox.c.target, outbox.c.event, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("ix_outbox_delivered_at", outbox.c.delivered_at)

mail: Final = Table(
    "outbox_mail",
    metadata,
    Column("number", Number, ForeignKey("outbox.number"), primary_key=True, autoincrement=False),
    Column("mail", String(254), primary_key=True),
    Column("sent_at", UtcTime, nullable=False),
    info={"row": "an address that has got an event already, though another of the same event has not"},
)

LEASE: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=30)
"""How long a delivered event is listed; the audit log keeps it for ever."""
_BATCH: Final = 500
_REGISTER_LOCK: Final = 7_210_304
_FAULT: Final = 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one target."""

    number: int
    target: str
    entry: Entry
    attempts: int
    next_at: datetime
    delivered_at: datetime | None
    dead_at: datetime | None
    fault: str

    @property
    def state(self) -> str:
        """`waiting`, `delivered` or `dead`."""
        if self.dead_at is not None:
            return "dead"
        return "waiting" if self.delivered_at is None else "delivered"


def register(connection: Connection, name: str) -> None:
    """Know a target from now on: events before are not for it."""
    lock(connection, _REGISTER_LOCK)
    if connection.execute(select(target.c.name).where(target.c.name == name)).first() is None:
        connection.execute(target.insert().values(name=name, read_to=head(connection)))


def is_known(connection: Connection, name: str) -> bool:
    """Whether the target was registered."""
    return connection.execute(select(target.c.name).where(target.c.name == name)).first() is not None


def has_work(connection: Connection, name: str, now: datetime) -> bool:
    """Whether there is something to read or to send; reading alone, so that an idle deliverer locks nothing."""
    row = connection.execute(select(target.c.read_to).where(target.c.name == name)).first()
    if row is None:
        return False
    first = connection.execute(_oldest(name)).first()
    return bool(row.read_to < head(connection) or (first is not None and first.next_at <= now))


def claim(connection: Connection, name: str, me: str, now: datetime) -> bool:
    """Take or renew the lease on a target; False if somebody else holds it."""
    free = or_(target.c.claimed_until.is_(None), target.c.claimed_until <= now, target.c.claimed_by == me)
    done = connection.execute(
        target.update().where(target.c.name == name, free).values(claimed_by=me, claimed_until=now + LEASE)
    )
    return bool(done.rowcount)


def release(connection: Connection, name: str, me: str) -> None:
    """Give the lease back."""
    mine = (target.c.name == name, target.c.claimed_by == me)
    connection.execute(target.update().where(*mine).values(claimed_by=None, claimed_until=None))


def enqueue(connection: Connection, name: str, wants: Callable[[str], bool], now: datetime) -> int:
    """Put what the log has since into the outbox, as far as the target wants it; how many entries were read.

    The caller holds the lease.
    """
    read_to = connection.execute(select(target.c.read_to).where(target.c.name == name)).scalar_one()
    entries = after(connection, read_to, _BATCH)
    rows = [{"target": name, "event": e.number, "attempts": 0, "next_at": now} for e in entries if wants(e.kind)]
    if rows:
        connection.execute(outbox.insert(), rows)
    if entries:
        connection.execute(target.update().where(target.c.name == name).values(read_to=entries[-1].number))
    return len(entries)


def due(connection: Connection, name: str, now: datetime) -> Delivery | None:
    """The oldest waiting event of a target if its time has come: a later one never overtakes it."""
    row = connection.execute(_oldest(name)).first()
    return _delivery(row) if row is not None and row.next_at <= now else None


def delivered(connection: Connection, number: int, now: datetime) -> None:
    """The target has accepted the event."""
    connection.execute(
        outbox.update()
        .where(outbox.c.number == number)
        .values(delivered_at=now, attempts=outbox.c.attempts + 1, fault=None)
    )


def failed(connection: Connection, number: int, fault: str, *, next_at: datetime, dead_at: datetime | None) -> None:
    """The target has not accepted it; it is tried again at `next_at`, or given up."""
    connection.execute(
        outbox.update()
        .where(outbox.c.number == number)
        .values(attempts=outbox.c.attempts + 1, next_at=next_at, dead_at=dead_at, fault=fault[:_FAULT])
    )


def mailed(connection: Connection, number: int) -> set[str]:
    """The addresses that have got this event already."""
    return set(connection.execute(select(mail.c.mail).where(mail.c.number == number)).scalars())


def note_mail(connection: Connection, number: int, address: str, now: datetime) -> None:
    """An address has got this event."""
    connection.execute(mail.insert().values(number=number, mail=address, sent_at=now))


def revive(connection: Connection, name: str, now: datetime) -> int:
    """Let the dead events of a target be tried again; how many."""
    dead = (outbox.c.target == name, outbox.c.dead_at.is_not(None))
    return connection.execute(outbox.update().where(*dead).values(dead_at=None, attempts=0, next_at=now)).rowcount


def forget(connection: Connection, now: datetime) -> int:
    """Delete the rows of what was delivered long ago; how many."""
    old = outbox.c.delivered_at < now - KEPT
    connection.execute(mail.delete().where(mail.c.number.in_(select(outbox.c.number).where(old))))
    return connection.execute(outbox.delete().where(old)).rowcount


def listed(connection: Connection, *, state: str | None = None, limit: int = 50) -> list[Delivery]:
    """The latest deliveries, newest first."""
    states = {
        "waiting": _WAITING,
        "delivered": outbox.c.delivered_at.is_not(None),
        "dead": outbox.c.dead_at.is_not(None),
    }
    query = _joined().order_by(outbox.c.number.desc()).limit(limit)
    return [_delivery(row) for row in connection.execute(query.where(states[state]) if state else query)]


def counts(connection: Connection) -> dict[str, tuple[int, int]]:
    """How many events wait and how many are dead, by target."""
    query = select(
        target.c.name,
        func.count(outbox.c.number).filter(_WAITING),
        func.count(outbox.c.number).filter(outbox.c.dead_at.is_not(None)),
    )
    joined = query.outerjoin(outbox, outbox.c.target == target.c.name).group_by(target.c.name)
    return {name: (waiting, dead) for name, waiting, dead in connection.execute(joined)}


def _joined() -> Select[Any]:
    ours = (c for c in outbox.c if c.name != "number")
    theirs = (c for c in audit.c if c.name != "number")
    return select(outbox.c.number.label("place"), *ours, *theirs).join(audit, audit.c.number == outbox.c.event)


def _oldest(name: str) -> Select[Any]:
    return _joined().where(outbox.c.target == name, _WAITING).order_by(outbox.c.event).limit(1)


def _delivery(row: Row[Any]) -> Delivery:
    entry = Entry(row.event, row.at, row.kind, row.actor, json.loads(row.details), row.hash)
    return Delivery(
        row.place, row.target, entry, row.attempts, row.next_at, row.delivered_at, row.dead_at, row.fault or ""
    )

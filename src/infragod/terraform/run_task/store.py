"""The table `run_task`: which results were asked of us, so that none is worked on twice, and none is forgotten.

While one is worked on, its request is kept, encrypted, since a token is in it; and the server that works on it holds it
by a lease. One that died loses the lease, and whoever finds it then goes on: it after its next start, or another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, LargeBinary, String, Table, or_, select

from infragod.db import audit
from infragod.db.base import UtcTime, metadata
from infragod.db.connection import lock
from infragod.errors import InputError

LEASE: Final = timedelta(seconds=30)
ACTOR: Final = "HCP Terraform"
_LOCK: Final = 7_210_340

run_task: Final = Table(
    "run_task",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("received_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, index=True),
    Column("status", String(20), nullable=False),
    Column("request", LargeBinary),
    Column("decision", String(9)),
    Column("held_by", String(64)),
    Column("held_until", UtcTime),
    info={"row": "a result that HCP Terraform asked for; asked again, it is refused; `request` while it is worked on"},
)


class SeenError(InputError):
    """This result was asked for before."""


@dataclass(frozen=True, slots=True)
class Left:
    """One that somebody began and did not end; `request` is sealed, and None where it was not kept."""

    id: str
    received_at: datetime
    request: bytes | None
    decision: str


def begin(connection: Connection, name: str, workspace: str, run: str, *, request: bytes, by: str) -> None:
    """Note that work on the result `name` begins; ``SeenError`` if it did before."""
    lock(connection, _LOCK)
    if connection.execute(select(run_task.c.id).where(run_task.c.id == name)).first():
        raise SeenError("this task result was asked for before; start the run again for a new one")
    now = datetime.now(UTC)
    held = {"request": request, "held_by": by, "held_until": now + LEASE}
    connection.execute(run_task.insert().values(id=name, received_at=now, status="running", **held))
    audit.append(connection, "run-task.begin", ACTOR, {"task": name, "workspace": workspace, "run": run})


def decided(connection: Connection, name: str, decision: str) -> None:
    """Note the decision, so that whoever goes on need not decide again."""
    connection.execute(run_task.update().where(run_task.c.id == name).values(decision=decision))


def renew(connection: Connection, by: str) -> None:
    """Hold on to all that `by` works on."""
    own = (run_task.c.ended_at.is_(None), run_task.c.held_by == by)
    connection.execute(run_task.update().where(*own).values(held_until=datetime.now(UTC) + LEASE))


def let_go(connection: Connection, by: str) -> None:
    """Leave what `by` works on to whoever comes next."""
    own = (run_task.c.ended_at.is_(None), run_task.c.held_by == by)
    connection.execute(run_task.update().where(*own).values(held_until=None, held_by=None))


def left(connection: Connection, by: str) -> list[Left]:
    """Take up what others began and do not hold any more."""
    lock(connection, _LOCK)
    now = datetime.now(UTC)
    lapsed = or_(run_task.c.held_until.is_(None), run_task.c.held_until <= now)
    found = connection.execute(
        select(run_task.c.id, run_task.c.received_at, run_task.c.request, run_task.c.decision)
        .where(run_task.c.ended_at.is_(None), lapsed)
        .order_by(run_task.c.received_at)
    ).all()
    names = [row.id for row in found]
    held = {"held_by": by, "held_until": now + LEASE}
    connection.execute(run_task.update().where(run_task.c.id.in_(names)).values(**held))
    return [Left(row.id, row.received_at, row.request, row.decision or "") for row in found]


def anything_left(connection: Connection) -> bool:
    """Whether there is something to take up; reading alone."""
    lapsed = or_(run_task.c.held_until.is_(None), run_task.c.held_until <= datetime.now(UTC))
    return connection.execute(select(run_task.c.id).where(run_task.c.ended_at.is_(None), lapsed)).first() is not None


def sealed(connection: Connection) -> bool:
    """Whether a request is kept, and a key therefore needed."""
    query = select(run_task.c.id).where(run_task.c.ended_at.is_(None), run_task.c.request.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


def end(connection: Connection, name: str, status: str, decision: str, told: str) -> None:
    """Note how it ended; what was asked is forgotten, with its token."""
    values = {"status": status, "ended_at": datetime.now(UTC), "request": None, "held_by": None, "held_until": None}
    connection.execute(run_task.update().where(run_task.c.id == name).values(**values))
    details = {"task": name, "status": status, "decision": decision, "said": told}
    audit.append(connection, "run-task.end", ACTOR, details)

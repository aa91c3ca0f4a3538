"""The table of what the rules saw, one row a decision; rows go when they are older than the settings keep them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, Table, func, select

from infragod.db.base import Number, metadata
from infragod.policy.store import decision, document

facts: Final = Table(
    "decision_facts",
    metadata,
    Column("number", Number, ForeignKey("decision.number"), primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    info={"row": "what the rules saw of a decision's plan: tables as JSON, compressed by zlib; for rules simulate"},
)
SWEEP: Final = 500
"""Every so many decisions, what is too old is deleted."""
_BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision with what the rules saw; `facts` is None where that was not kept."""

    id: str
    created_at: datetime
    document: dict[str, Any]
    facts: bytes | None


def keep(connection: Connection, name: str, body: bytes, days: int) -> None:
    """Keep what the rules saw of the decision `name`, once; every now and then what is older than `days` goes."""
    number = connection.execute(select(decision.c.number).where(decision.c.id == name)).scalar_one()
    if connection.execute(select(facts.c.number).where(facts.c.number == number)).first() is None:
        connection.execute(facts.insert().values(number=number, body=body))
    if number % SWEEP == 0:
        forget(connection, datetime.now(UTC) - timedelta(days=days))


def forget(connection: Connection, before: datetime) -> int:
    """Delete what was kept of decisions before a moment; their documents stay. Gives the number of rows."""
    first = connection.scalar(select(func.min(decision.c.number)).where(decision.c.created_at >= before))
    last = connection.scalar(select(func.max(decision.c.number)))
    if last is None:
        return 0
    done = connection.execute(facts.delete().where(facts.c.number < (last + 1 if first is None else first)))
    return int(done.rowcount)


def count(connection: Connection, since: datetime) -> int:
    """How many decisions there are since a moment."""
    return connection.scalar(select(func.count()).where(decision.c.created_at >= since)) or 0


def recorded(connection: Connection, since: datetime) -> Iterator[Recorded]:
    """The decisions since a moment, oldest first, a few at a time."""
    after = 0
    while True:
        query = (
            select(decision.c.number, decision.c.id, decision.c.created_at, document.c.body, facts.c.body.label("seen"))
            .join(document, document.c.number == decision.c.number)
            .outerjoin(facts, facts.c.number == decision.c.number)
            .where(decision.c.created_at >= since, decision.c.number > after)
            .order_by(decision.c.number)
            .limit(_BATCH)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        for row in rows:
            yield Recorded(row.id, row.created_at, json.loads(zlib.decompress(row.body)), row.seen)
        after = rows[-1].number

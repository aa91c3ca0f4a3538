"""The audit log: append-only, chained by hashes, provable.

Each entry's hash covers the hash before it and the entry as canonical JSON, so that no entry can be changed, left out
or put in between without breaking every later hash. The database refuses UPDATE and DELETE besides. What a chain alone
can't show, entries cut off at its end, an `anchor` shows: a hash that was noted elsewhere must still be in the log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import DDL, Column, Connection, Row, String, Table, Text, event, select

from infragod.db.base import Number, UtcTime, metadata
from infragod.db.connection import lock

audit: Final = Table(
    "audit",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(60), nullable=False, index=True),
    Column("actor", String(200), nullable=False),
    Column("details", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    info={"row": "an entry of the append-only log; its hash covers the hash before it"},
)

about: Final = Table(
    "audit_subject",
    metadata,
    Column("subject", String(60), primary_key=True),
    Column("number", Number, primary_key=True, autoincrement=False),
    info={"row": "what an entry of the log is about: a decision, a grant, an incident or a waiver"},
)
_SUBJECTS: Final = ("decision", "grant", "incident", "waiver")
_OFTEN: Final = "decision"
"""Kind of the entries that tell of a decision being made: so many, and found by the decision itself."""

_SQLITE_TRIGGER: Final = """
CREATE TRIGGER audit_no_{action} BEFORE {action} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""
_POSTGRESQL_FUNCTION: Final = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"""
_POSTGRESQL_TRIGGER: Final = """
CREATE TRIGGER audit_no_{action} BEFORE {action} ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"""

TRIGGERS: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": tuple(_SQLITE_TRIGGER.format(action=action) for action in ("update", "delete")),
    "postgresql": (
        _POSTGRESQL_FUNCTION,
        *(_POSTGRESQL_TRIGGER.format(action=action) for action in ("update", "delete", "truncate")),
    ),
}
for _dialect, _statements in TRIGGERS.items():
    for _statement in _statements:
        event.listen(audit, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

START: Final = "0" * 64
_CHAIN_LOCK: Final = 7_210_302


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log, as people see it."""

    number: int
    at: datetime
    kind: str
    actor: str
    details: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What the proof found: the number of whole entries, the last whole hash, and the first fault if there is one."""

    entries: int
    head: str
    broken: int | None = None
    fault: str = ""

    @property
    def whole(self) -> bool:
        """True if nothing is broken."""
        return not self.fault


def append(
    connection: Connection, kind: str, actor: str, details: Mapping[str, Any], *, at: datetime | None = None
) -> str:
    """Append one entry inside the caller's transaction and give its hash; writers queue here until they commit."""
    lock(connection, _CHAIN_LOCK)
    last = connection.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)).first()
    number, before = (last.number + 1, last.hash) if last else (1, START)
    at = (at or datetime.now(UTC)).astimezone(UTC)
    text = canonical(details)
    chained = _hash(before, number, at, kind, actor, text)
    connection.execute(audit.insert().values(number=number, at=at, kind=kind, actor=actor, details=text, hash=chained))
    subjects = [f"{name} {details[name]}"[:60] for name in _SUBJECTS if details.get(name)] if kind != _OFTEN else []
    if subjects:
        connection.execute(about.insert(), [{"subject": subject, "number": number} for subject in subjects])
    return chained


def entries(
    connection: Connection, *, before: int | None = None, limit: int = 50, kind: str | None = None
) -> list[Entry]:
    """The latest entries, newest first; `before` a number to page on."""
    query = select(audit).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.number < before)
    if kind is not None:
        query = query.where(audit.c.kind == kind)
    return [_entry(row) for row in connection.execute(query)]


def story(connection: Connection, subjects: Iterable[str], *, limit: int = 200) -> list[Entry]:
    """What happened to any of `subjects` (`incident 7`, `decision 7F3K-9Q2M`), oldest first."""
    numbers = select(about.c.number).where(about.c.subject.in_(sorted(subjects)))
    query = select(audit).where(audit.c.number.in_(numbers)).order_by(audit.c.number).limit(limit)
    return [_entry(row) for row in connection.execute(query)]


def after(connection: Connection, number: int, limit: int) -> list[Entry]:
    """The entries that follow `number`, oldest first: there is no gap, and none appears later."""
    query = select(audit).where(audit.c.number > number).order_by(audit.c.number).limit(limit)
    return [_entry(row) for row in connection.execute(query)]


def head(connection: Connection) -> int:
    """The number of the last entry; 0 if there is none."""
    return connection.execute(select(audit.c.number).order_by(audit.c.number.desc()).limit(1)).scalar() or 0


def verify(connection: Connection, *, anchor: str | None = None) -> Verification:
    """Walk the whole chain; the first broken entry, or an `anchor` that is not in it, is named."""
    head, count, anchored = START, 0, anchor is None
    for row in _stream(connection):
        if row.number != count + 1:
            return Verification(count, head, count + 1, f"entry {count + 1} is missing")
        if row.hash != _hash(head, row.number, row.at, row.kind, row.actor, row.details):
            return Verification(
                count, head, row.number, f"entry {row.number} ({row.kind}, {row.at:%F %T} UTC) was changed"
            )
        head, count = row.hash, row.number
        anchored = anchored or head == anchor
    if not anchored:
        return Verification(
            count, head, count, "the hash that was noted is not in the log: it was cut off or rewritten"
        )
    return Verification(count, head)


def canonical(details: Mapping[str, Any]) -> str:
    """JSON in one way only: sorted keys, no spaces, UTF-8."""
    return json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _hash(before: str, number: int, at: datetime, kind: str, actor: str, details: str) -> str:
    entry = canonical({"number": number, "at": at.isoformat(), "kind": kind, "actor": actor, "details": details})
    return hashlib.sha256(f"{before}\n{entry}".encode()).hexdigest()


def _stream(connection: Connection) -> Iterator[Row[Any]]:
    yield from connection.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.number))


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.number, row.at, row.kind, row.actor, json.loads(row.details), row.hash)

"""The table `incident`: what went wrong or went round the gate, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Index, Row, String, Table, Text, func, select

from infragod.db import audit
from infragod.db.base import Number, UtcTime, metadata
from infragod.errors import InputError
from infragod.incidents.incident import Incident

incident: Final = Table(
    "incident",
    metadata,
    Column("number", Number, primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("details", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("opened_by", String(200), nullable=False),
    Column("closed_at", UtcTime),
    Column("closed_by", String(200)),
    Column("resolution", Text),
    Column("decision", String(9), index=True),
    Index(None, "closed_at", "number"),
    Index(None, "kind", "number"),
    Index(None, "subject", "number"),
    info={"row": "something that went wrong or round the gate, and how it ended"},
)


def insert(
    connection: Connection, kind: str, subject: str, details: Mapping[str, Any], actor: str, at: datetime | None = None
) -> Incident:
    """Open an incident, and sound the alarm in the audit log."""
    at = at or datetime.now(UTC)
    row = {"kind": kind, "subject": subject[:300], "opened_at": at, "opened_by": actor[:200]}
    about = str(details["decision"])[:9] if details.get("decision") else None
    done = connection.execute(incident.insert().values(**row, decision=about, details=audit.canonical(details)))
    number = int((done.inserted_primary_key or (0,))[0])
    audit.append(connection, "incident.opened", actor[:200], {"incident": number, "kind": kind, **details}, at=at)
    return get(connection, number)


def close(connection: Connection, number: int, resolution: str, actor: str, at: datetime | None = None) -> Incident:
    """Close an incident with what came of it; ``InputError`` if there is none open of that number."""
    at = at or datetime.now(UTC)
    if not resolution.strip():
        raise InputError("an incident is closed with what came of it; add --resolution TEXT")
    found = get(connection, number)
    if found.closed_at is not None:
        raise InputError(f"incident {number} was closed on {found.closed_at:%F} by {found.closed_by}")
    values = {"closed_at": at, "closed_by": actor, "resolution": resolution.strip()}
    connection.execute(incident.update().where(incident.c.number == number).values(**values))
    audit.append(connection, "incident.closed", actor, {"incident": number, "resolution": resolution.strip()}, at=at)
    return get(connection, number)


def get(connection: Connection, number: int) -> Incident:
    """One incident; ``InputError`` if there is none of that number."""
    row = connection.execute(select(incident).where(incident.c.number == number)).first()
    if row is None:
        raise InputError(f"there is no incident {number}; `infragod incidents list --all` shows them")
    return _incident(row)


def recent(
    connection: Connection,
    *,
    closed: bool = False,
    kind: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Incident]:
    """The newest incidents that are open, or with `closed` all of them, newest first; `before` a number to page on."""
    query = select(incident).order_by(incident.c.number.desc()).limit(limit)
    if not closed:
        query = query.where(incident.c.closed_at.is_(None))
    if kind is not None:
        query = query.where(incident.c.kind == kind)
    if before is not None:
        query = query.where(incident.c.number < before)
    return [_incident(row) for row in connection.execute(query)]


def about(connection: Connection, *, decision: str = "", subject: str = "", limit: int = 20) -> list[Incident]:
    """The newest incidents about a decision or a workspace, open or closed."""
    which = incident.c.decision == decision if decision else incident.c.subject == subject[:300]
    query = select(incident).where(which).order_by(incident.c.number.desc()).limit(limit)
    return [_incident(row) for row in connection.execute(query)]


def count_open(connection: Connection) -> int:
    """How many incidents are open."""
    return int(connection.scalar(select(func.count()).where(incident.c.closed_at.is_(None))) or 0)


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        row.number,
        row.kind,
        row.subject,
        json.loads(row.details),
        row.opened_at,
        row.opened_by,
        row.closed_at,
        row.closed_by or "",
        row.resolution or "",
    )

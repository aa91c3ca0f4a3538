"""The table `rule_proposal`: proposed, accepted, rejected, void; nothing is ever removed from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Date, Index, Integer, Row, String, Table, Text, select

from infragod.db import audit
from infragod.db.base import Number, UtcTime, metadata
from infragod.db.connection import lock
from infragod.errors import InputError
from infragod.policy.proposals import Proposal

proposal: Final = Table(
    "rule_proposal",
    metadata,
    Column("number", Number, primary_key=True),
    Column("rule", String(200), nullable=False),
    Column("level", String(20), nullable=False),
    Column("proposed", String(20), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("overturned", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    Column("answered_by", String(200)),
    Column("reason", Text, nullable=False),
    Index(None, "rule", "number"),
    Index(None, "state", "number"),
    info={"row": "a rule that was overturned so often that it proposes to be milder, and what its owner said"},
)
_LOCK: Final = 7_210_350
_REASON: Final = 2000


def add(connection: Connection, new: dict[str, Any], actor: str, at: datetime) -> Proposal:
    """Keep a proposal, and tell of it in the audit log; its owner hears by the outbox."""
    done = connection.execute(proposal.insert().values(**new, state="proposed", proposed_at=at, reason=""))
    number = int((done.inserted_primary_key or (0,))[0])
    details = {**new, "proposal": f"P{number}", "since": new["since"].isoformat(), "until": new["until"].isoformat()}
    audit.append(connection, "rule.proposed", actor, details, at=at)
    return get(connection, f"P{number}")


def answer(
    connection: Connection, name: str, state: str, actor: str, reason: str = "", at: datetime | None = None
) -> Proposal:
    """Accept or reject a proposal, or let it be void; ``InputError`` if it was answered before."""
    at = at or datetime.now(UTC)
    hold(connection)
    found = get(connection, name)
    said = "".join(c if c.isprintable() else " " for c in reason).strip()[:_REASON]
    if found.state != "proposed":
        raise InputError(f"proposal {found.id} is {found.state} already; `infragod rules proposals` lists what waits")
    if state == "rejected" and not said:
        raise InputError("a rejection needs a reason, for whoever meets the rule next; add --reason TEXT")
    values = {"state": state, "answered_at": at, "answered_by": actor[:200], "reason": said}
    connection.execute(proposal.update().where(proposal.c.number == found.number).values(**values))
    details = {"proposal": found.id, "rule": found.rule, "level": found.level, "proposed": found.proposed}
    audit.append(connection, f"rule.{state}", actor[:200], details | {"owner": found.owner, "reason": said}, at=at)
    return get(connection, name)


def hold(connection: Connection) -> None:
    """Whoever looks for proposals, or answers one, is alone with them until the transaction ends."""
    lock(connection, _LOCK)


def get(connection: Connection, name: str) -> Proposal:
    """The proposal that people call `name`."""
    digits = name.strip().upper().removeprefix("P")
    known = digits.isascii() and digits.isdigit() and len(digits) < 10  # noqa: PLR2004 - a number that fits the key
    row = connection.execute(select(proposal).where(proposal.c.number == int(digits))).first() if known else None
    if row is None:
        raise InputError(f"there is no proposal {name!r}; `infragod rules proposals --all` shows them")
    return _proposal(row)


def recent(connection: Connection, *, answered: bool = False, limit: int = 100) -> list[Proposal]:
    """The newest proposals that wait for an answer, or with `answered` all of them, newest first."""
    query = select(proposal).order_by(proposal.c.number.desc()).limit(limit)
    if not answered:
        query = query.where(proposal.c.state == "proposed")
    return [_proposal(row) for row in connection.execute(query)]


def last(connection: Connection, rule: str) -> Proposal | None:
    """The newest proposal of a rule."""
    query = select(proposal).where(proposal.c.rule == rule).order_by(proposal.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _proposal(row)


def _proposal(row: Row[Any]) -> Proposal:
    values = {name: getattr(row, name) for name in Proposal.__slots__}
    return Proposal(**values | {"answered_by": row.answered_by or ""})

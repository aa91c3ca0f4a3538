"""The table `waiver`: added, agreed to by somebody else, ended; nothing is ever removed from it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Date, Index, Row, String, Table, Text, and_, func, or_, select

from infragod.db import audit
from infragod.db.base import Number, UtcTime, metadata
from infragod.db.connection import lock
from infragod.errors import InputError
from infragod.policy.waivers.waiver import Waiver

waiver: Final = Table(
    "waiver",
    metadata,
    Column("number", Number, primary_key=True),
    Column("rule", String(200), nullable=False),
    Column("address", String(1000), nullable=False),
    Column("workspace", String(300), nullable=False),
    Column("reason", Text, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("until", Date, nullable=False),
    Column("approved_by", String(200), nullable=False),
    Column("approved_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("ended_by", String(200)),
    Column("warned_at", UtcTime),
    Index(None, "ended_at", "until"),
    info={"row": "what of a rule is let pass, where, why, whose it is and until when"},
)
_WAIVER_LOCK: Final = 7_210_310


def insert(connection: Connection, new: dict[str, Any], at: datetime) -> Waiver:
    """Keep a waiver."""
    done = connection.execute(waiver.insert().values(**new, created_at=at))
    number = int((done.inserted_primary_key or (0,))[0])
    details = {**new, "waiver": f"W{number}", "until": new["until"].isoformat()}
    del details["approved_at"]
    audit.append(connection, "waiver.added", new["author"], details, at=at)
    return get(connection, f"W{number}")


def approve(connection: Connection, name: str, by: str, account: str, policy: str, at: datetime) -> Waiver:
    """Note that `by` has agreed."""
    found = held(connection, name)
    values = {"approved_by": by, "approved_at": at}
    connection.execute(waiver.update().where(waiver.c.number == found.number).values(**values))
    details = {"waiver": found.id, "account": account, "policy": policy}
    audit.append(connection, "waiver.approved", by, details, at=at)
    return get(connection, name)


def end(connection: Connection, name: str, by: str, at: datetime | None = None) -> Waiver:
    """End a waiver now; ``InputError`` if it has ended."""
    at = at or datetime.now(UTC)
    found = held(connection, name)
    if found.ended_at is not None:
        raise InputError(f"waiver {found.id} was ended on {found.ended_at:%F} by {found.ended_by}")
    connection.execute(waiver.update().where(waiver.c.number == found.number).values(ended_at=at, ended_by=by))
    audit.append(connection, "waiver.ended", by, {"waiver": found.id}, at=at)
    return get(connection, name)


def held(connection: Connection, name: str) -> Waiver:
    """The waiver, held until the transaction ends."""
    lock(connection, _WAIVER_LOCK)
    return get(connection, name)


def get(connection: Connection, name: str) -> Waiver:
    """The waiver that people call `name`."""
    digits = name.strip().upper().removeprefix("W")
    known = digits.isascii() and digits.isdigit() and len(digits) < 10  # noqa: PLR2004 - a number that fits the key
    row = connection.execute(select(waiver).where(waiver.c.number == int(digits))).first() if known else None
    if row is None:
        raise InputError(f"there is no waiver {name!r}; `infragod waive list --all` shows them")
    return _waiver(row)


def current(connection: Connection, today: date) -> list[Waiver]:
    """Waivers that are not ended and cover `today` (agreed to or not), oldest first."""
    query = select(waiver).where(waiver.c.ended_at.is_(None), waiver.c.until >= today).order_by(waiver.c.number)
    return [_waiver(row) for row in connection.execute(query)]


def ahead(
    connection: Connection, today: date, *, after: tuple[date, int] | None = None, limit: int = 50
) -> list[Waiver]:
    """What ``current`` gives, page by page: who ends first comes first; `after` the last day and number of a line."""
    open_ones = (waiver.c.ended_at.is_(None), waiver.c.until >= today)
    query = select(waiver).where(*open_ones).order_by(waiver.c.until, waiver.c.number).limit(limit)
    if after is not None:
        day, number = after
        query = query.where(or_(waiver.c.until > day, and_(waiver.c.until == day, waiver.c.number > number)))
    return [_waiver(row) for row in connection.execute(query)]


def everyone(connection: Connection, *, before: int | None = None, limit: int = 500) -> list[Waiver]:
    """All waivers there ever were, newest first; `before` a number to page on."""
    query = select(waiver).order_by(waiver.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(waiver.c.number < before)
    return [_waiver(row) for row in connection.execute(query)]


def count(connection: Connection, today: date, last: date | None = None) -> int:
    """How many waivers are not ended and cover `today`; with `last`, of them those that end by that day."""
    query = select(func.count()).where(waiver.c.ended_at.is_(None), waiver.c.until >= today)
    if last is not None:
        query = query.where(waiver.c.until <= last)
    return int(connection.scalar(query) or 0)


def unwarned(connection: Connection, today: date, last: date) -> list[Waiver]:
    """Waivers in force that end from `today` to `last`, and whose end was not announced yet."""
    ending = (waiver.c.ended_at.is_(None), waiver.c.until >= today, waiver.c.until <= last)
    query = select(waiver).where(*ending, waiver.c.warned_at.is_(None), waiver.c.approved_by != "")
    return [_waiver(row) for row in connection.execute(query.order_by(waiver.c.number))]


def warned(connection: Connection, number: int, at: datetime) -> None:
    """Note that the end was announced."""
    connection.execute(waiver.update().where(waiver.c.number == number).values(warned_at=at))


def _waiver(row: Row[Any]) -> Waiver:
    return Waiver(
        row.number,
        row.rule,
        row.address,
        row.workspace,
        row.reason,
        row.owner,
        row.author,
        row.created_at,
        row.until,
        row.approved_by,
        row.ended_at,
        row.ended_by or "",
    )

"""The table of bundles; a bundle is only ever added."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, LargeBinary, Row, String, Table, func, select

from infragod.db import audit
from infragod.db.base import Number, UtcTime, metadata
from infragod.db.connection import lock
from infragod.errors import InputError
from infragod.policy.bundle import Bundle, Content

PUBLISHING: Final = 7_210_302  # the number of the lock by which one bundle is published at a time

bundle: Final = Table(
    "bundle",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("commit", String(64), nullable=False),
    Column("branch", String(300), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

_NUMBER_LOCK: Final = 7_210_303


def publish(connection: Connection, content: Content, actor: str, commit: str = "", branch: str = "") -> Bundle:
    """Put `content` in force and log it; content that is in force already makes no new bundle."""
    lock(connection, _NUMBER_LOCK)
    lock(connection, PUBLISHING)
    now = latest(connection)
    if now is not None and now.digest == content.digest:
        return now
    number = (connection.scalar(select(func.max(bundle.c.number))) or 0) + 1
    new = Bundle(number, content.digest, datetime.now(UTC), actor, commit, branch, content)
    connection.execute(
        bundle.insert().values(
            number=number,
            digest=new.digest,
            created_at=new.created_at,
            created_by=actor,
            commit=commit,
            branch=branch,
            content=zlib.compress(content.canonical.encode()),
        )
    )
    details = {"number": number, "digest": new.digest, "commit": commit, "branch": branch}
    audit.append(connection, "bundle.published", actor, details, at=new.created_at)
    return new


def latest(connection: Connection) -> Bundle | None:
    """The bundle in force; None before the first is published."""
    row = connection.execute(select(bundle).order_by(bundle.c.number.desc()).limit(1)).first()
    return None if row is None else _bundle(row)


def latest_number(connection: Connection) -> int:
    """The number of the bundle in force; 0 before the first is published."""
    return connection.scalar(select(func.max(bundle.c.number))) or 0


def by_number(connection: Connection, number: int) -> Bundle:
    """One bundle; ``InputError`` if there is none of that number."""
    row = connection.execute(select(bundle).where(bundle.c.number == number)).first()
    if row is None:
        raise InputError(f"there is no bundle {number}; infragod bundle list shows them")
    return _bundle(row)


def everyone(connection: Connection) -> list[Bundle]:
    """All bundles, newest first."""
    return [_bundle(row) for row in connection.execute(select(bundle).order_by(bundle.c.number.desc()))]


def _bundle(row: Row[Any]) -> Bundle:
    content = Content.parse(zlib.decompress(row.content).decode())
    if content.digest != row.digest:
        raise InputError(
            f"bundle {row.number} does not match its digest: it was changed in the database; "
            f"publish the rules anew and look at infragod audit verify"
        )
    return Bundle(row.number, row.digest, row.created_at, row.created_by, row.commit, row.branch, content)

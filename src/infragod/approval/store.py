"""The table `token`: who may speak to the server, and for what."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Index, Row, String, Table, select

from infragod.approval.tokens import TokenInfo, digest, mint
from infragod.db import audit
from infragod.db.base import Number, UtcTime, metadata
from infragod.errors import InputError

token: Final = Table(
    "token",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", String(200), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    info={"row": "a token for pipelines; only its hash is kept"},
)
_OPEN: Final = Index(
    "uq_token_name_open",
    token.c.name,
    unique=True,
    sqlite_where=token.c.revoked_at.is_(None),
    postgresql_where=token.c.revoked_at.is_(None),
)


def create(
    connection: Connection, name: str, scopes: tuple[str, ...], *, actor: str, expires_at: datetime | None = None
) -> str:
    """Make a token and give it, this once; ``InputError`` if a token of that name is in force."""
    taken = select(token.c.id).where(token.c.name == name, token.c.revoked_at.is_(None))
    if connection.execute(taken).first():
        raise InputError(f"there is a token named {name!r} already; revoke it first, or take another name")
    secret = mint()
    connection.execute(
        token.insert().values(
            name=name,
            hash=digest(secret),
            scopes=",".join(scopes),
            created_at=datetime.now(UTC),
            created_by=actor,
            expires_at=expires_at,
        )
    )
    expires = expires_at.isoformat() if expires_at else None
    audit.append(connection, "token.create", actor, {"name": name, "scopes": list(scopes), "expires_at": expires})
    return secret


def revoke(connection: Connection, name: str, *, actor: str) -> None:
    """End the token of that name at once; ``InputError`` if none is in force."""
    done = connection.execute(
        token.update().where(token.c.name == name, token.c.revoked_at.is_(None)).values(revoked_at=datetime.now(UTC))
    )
    if not done.rowcount:
        raise InputError(f"there is no token named {name!r} in force; `infragod token list` shows all")
    audit.append(connection, "token.revoke", actor, {"name": name})


def tokens(connection: Connection) -> list[TokenInfo]:
    """Every token there ever was, oldest first."""
    return [_info(row) for row in connection.execute(select(token).order_by(token.c.id))]


def authenticate(connection: Connection, secret: str, scope: str, at: datetime | None = None) -> TokenInfo | None:
    """The token's entry if it is in force and may do `scope`; None otherwise, without telling why."""
    wanted = digest(secret)
    row = connection.execute(select(token).where(token.c.hash == wanted)).first()
    if row is None or not hmac.compare_digest(row.hash, wanted):
        return None
    info = _info(row)
    return info if info.state(at or datetime.now(UTC)) == "valid" and scope in info.scopes else None


def known(connection: Connection, secret: str) -> TokenInfo | None:
    """The token's entry, though it has expired or was revoked: an apply that began with it has to end with it."""
    wanted = digest(secret)
    row = connection.execute(select(token).where(token.c.hash == wanted)).first()
    return _info(row) if row is not None and hmac.compare_digest(row.hash, wanted) else None


def _info(row: Row[Any]) -> TokenInfo:
    return TokenInfo(
        row.id, row.name, tuple(row.scopes.split(",")), row.created_at, row.created_by, row.expires_at, row.revoked_at
    )

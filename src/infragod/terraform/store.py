"""The states of the backend: every version of each, encrypted; which one is current; and who holds the lock.

A version that must not become the current one (see `versions.judge`) is kept all the same, with the reason in `aside`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

from infragod.db.base import Number, UtcTime, metadata
from infragod.db.connection import lock as database_lock

state: Final = Table(
    "state",
    metadata,
    Column("workspace", String(300), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("learned", Integer),
    ForeignKeyConstraint(["workspace", "version"], ["state_version.workspace", "state_version.version"]),
    info={"row": "a workspace whose state is stored here: its current version, and up to which the estate has read"},
)

version: Final = Table(
    "state_version",
    metadata,
    Column("number", Number, primary_key=True),
    Column("workspace", String(300), nullable=False),
    Column("version", Integer, nullable=False),
    Column("lineage", String(200), nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("terraform_version", String(200), nullable=False),
    Column("resources", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("operation", String(200), nullable=False),
    Column("lock_id", String(200), nullable=False),
    Column("aside", Text, nullable=False),
    UniqueConstraint("workspace", "version"),
    info={"row": "a state as it was sent, without its content; `aside` says why it did not become the current one"},
)

body: Final = Table(
    "state_body",
    metadata,
    Column("number", Number, ForeignKey("state_version.number"), primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    info={"row": "the content of a version of a state: compressed, then encrypted by AES-GCM"},
)

lock: Final = Table(
    "state_lock",
    metadata,
    Column("workspace", String(300), primary_key=True),
    Column("id", String(200), nullable=False),
    Column("operation", String(200), nullable=False),
    Column("who", String(200), nullable=False),
    Column("program", String(200), nullable=False),
    Column("created", String(200), nullable=False),
    Column("taken_at", UtcTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("holder", String(200), nullable=False),
    Column("decision", String(9), nullable=False),
    Column("before", Integer, nullable=False),
    Column("reads", Integer, nullable=False),
    Column("writes", Integer, nullable=False),
    info={"row": "a lock that Terraform holds on a workspace's state; `before` is the version it began from"},
)

RESTORE: Final = "restore of version "
"""How the operation of a restored version begins; the number follows."""
_HEAD: Final = tuple(c for c in version.c if c.name != "number")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a state, without its content."""

    workspace: str
    version: int
    lineage: str
    serial: int
    terraform_version: str
    resources: int
    size: int
    created_at: datetime
    actor: str
    operation: str
    lock_id: str
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """A held lock. `holder` is the token or grant that took it, `before` the version that was current then (0: none).

    `reads` and `writes` count what the holder has fetched and sent under it.
    """

    workspace: str
    id: str
    operation: str
    who: str
    program: str
    created: str
    taken_at: datetime
    actor: str
    holder: str
    decision: str = ""
    before: int = 0
    reads: int = 0
    writes: int = 0


def hold(connection: Connection, workspace: str) -> None:
    """Whoever changes a workspace's state or lock is alone with it until the transaction ends."""
    digest = hashlib.sha256(b"state\0" + workspace.encode()).digest()
    database_lock(connection, int.from_bytes(digest[:8], signed=True))


def current(connection: Connection, workspace: str) -> Version | None:
    """The current version; None if no state was stored."""
    return _version(connection, select(*_HEAD).join(state, _is_current()).where(state.c.workspace == workspace))


def get(connection: Connection, workspace: str, number: int) -> Version | None:
    """One version by its number."""
    return _version(connection, select(*_HEAD).where(version.c.workspace == workspace, version.c.version == number))


def content(connection: Connection, found: Version) -> bytes:
    """The sealed content of a version."""
    query = (
        select(body.c.body)
        .join(version)
        .where(version.c.workspace == found.workspace, version.c.version == found.version)
    )
    return bytes(connection.execute(query).scalar_one())


def versions(
    connection: Connection, workspace: str, *, before: int | None = None, limit: int | None = None
) -> list[Version]:
    """The versions of one workspace, newest first."""
    query = select(*_HEAD).where(version.c.workspace == workspace).order_by(version.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(version.c.version < before)
    return [Version(*row) for row in connection.execute(query)]


def currents(connection: Connection, *, after: str = "", begins: str = "", limit: int | None = None) -> list[Version]:
    """The current version of each workspace, by name; from after that name, and only names that begin so."""
    query = select(*_HEAD).join(state, _is_current()).order_by(state.c.workspace).limit(limit)
    if after:
        query = query.where(state.c.workspace > after)
    if begins:
        query = query.where(state.c.workspace.startswith(begins, autoescape=True))
    return [Version(*row) for row in connection.execute(query)]


def behind(connection: Connection) -> list[str]:
    """The workspaces of which the estate has not read the current state yet."""
    return list(connection.execute(select(state.c.workspace).where(_learned() < state.c.version)).scalars())


def unlearned(connection: Connection, workspace: str) -> Version | None:
    """The oldest version of the workspace that was current and that the estate has not read; None if there is none."""
    query = select(*_HEAD).join(state, state.c.workspace == version.c.workspace)
    query = query.where(version.c.workspace == workspace, version.c.aside == "", version.c.version > _learned())
    return _version(connection, query.order_by(version.c.version).limit(1))


def learned(connection: Connection, found: Version) -> bool:
    """Note that the estate has read `found`; False if somebody else has noted that before."""
    mine = (state.c.workspace == found.workspace) & (_learned() < found.version)
    return connection.execute(state.update().where(mine).values(learned=found.version)).rowcount == 1


def prune(connection: Connection, workspace: str, keep: int) -> int:
    """Forget the versions that are older than the newest `keep`; how many they were.

    What is current, was kept aside, came by a restore or was restored, is what a held lock began from, or was not read
    by the estate yet, stays whatever its age.
    """
    heads = select(version.c.number, version.c.version, version.c.operation, version.c.aside)
    rows = connection.execute(heads.where(version.c.workspace == workspace).order_by(version.c.version.desc())).all()
    now = connection.execute(select(state.c.version, _learned()).where(state.c.workspace == workspace)).one()
    restored = {int(row.operation.removeprefix(RESTORE)) for row in rows if row.operation.startswith(RESTORE)}
    stay = {now[0], *restored}
    if (own := held(connection, workspace)) is not None:
        stay.add(own.before)
    old = [
        row.number
        for row in rows[keep:]
        if row.version not in stay and row.version <= now[1] and not row.aside and not row.operation.startswith(RESTORE)
    ]
    if old:
        connection.execute(body.delete().where(body.c.number.in_(old)))
        connection.execute(version.delete().where(version.c.number.in_(old)))
    return len(old)


def newest(connection: Connection, workspace: str) -> int:
    """The number of the latest version, whether it became current or not; 0 if there is none."""
    query = select(func.max(version.c.version)).where(version.c.workspace == workspace)
    return connection.execute(query).scalar() or 0


def highest_serial(connection: Connection, workspace: str) -> int:
    """The highest serial that any version of the workspace has had."""
    query = select(func.max(version.c.serial)).where(version.c.workspace == workspace)
    return connection.execute(query).scalar() or 0


def anything(connection: Connection) -> bool:
    """Whether a state is stored, and a key therefore needed."""
    return connection.execute(select(body.c.number).limit(1)).first() is not None


def add(connection: Connection, new: Version, sealed: bytes) -> None:
    """Keep a version; one that is not `aside` becomes the current one."""
    row = {name: getattr(new, name) for name in Version.__slots__}
    number = (connection.execute(version.insert().values(row)).inserted_primary_key or (0,))[0]
    connection.execute(body.insert().values(number=number, body=sealed))
    if not new.aside:
        _point(connection, new)


def _point(connection: Connection, new: Version) -> None:
    values = {"version": new.version, "updated_at": new.created_at}
    done = connection.execute(state.update().where(state.c.workspace == new.workspace).values(values))
    if not done.rowcount:
        connection.execute(state.insert().values(workspace=new.workspace, **values))


def held(connection: Connection, workspace: str) -> Lock | None:
    """The lock that is held on the workspace."""
    row = connection.execute(select(lock).where(lock.c.workspace == workspace)).first()
    return Lock(*row) if row else None


def locks(connection: Connection) -> dict[str, Lock]:
    """Every lock that is held, by workspace."""
    return {row.workspace: Lock(*row) for row in connection.execute(select(lock))}


def take(connection: Connection, new: Lock) -> None:
    """Hold `new`; the caller has seen that nobody else does."""
    connection.execute(lock.insert().values({name: getattr(new, name) for name in Lock.__slots__}))


def release(connection: Connection, workspace: str) -> None:
    """End the lock on the workspace."""
    connection.execute(lock.delete().where(lock.c.workspace == workspace))


def count(connection: Connection, workspace: str, *, reads: int = 0, writes: int = 0) -> None:
    """Note that the lock's holder has fetched or sent the state."""
    connection.execute(
        lock.update()
        .where(lock.c.workspace == workspace)
        .values(reads=lock.c.reads + reads, writes=lock.c.writes + writes)
    )


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def _learned() -> ColumnElement[int]:
    return func.coalesce(state.c.learned, 0)


def _is_current() -> Any:
    return (state.c.workspace == version.c.workspace) & (state.c.version == version.c.version)


def _version(connection: Connection, query: Select[Any]) -> Version | None:
    row = connection.execute(query).first()
    return Version(*row) if row else None

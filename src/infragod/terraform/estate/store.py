"""The tables `estate_state` and `estate_resource`: which resources each workspace's state held, and in what time.

A resource that is renamed or made anew is another row: the old one is gone from the moment at which the new state was
written. Nothing is deleted, since bills of the past are joined too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Index, Row, String, Table, Text, bindparam, select

from infragod.db.base import Number, UtcTime, metadata
from infragod.db.connection import lock
from infragod.errors import InputError
from infragod.terraform.state import State, StateResource

_LONGEST_NAME: Final = 300

state: Final = Table(
    "estate_state",
    metadata,
    Column("number", Number, primary_key=True),
    Column("workspace", String(_LONGEST_NAME), nullable=False, unique=True),
    Column("repository", String(500)),
    Column("place", Text, nullable=False),
    Column("lineage", String(200), nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("written_at", UtcTime, nullable=False),
    Column("read_at", UtcTime, nullable=False),
    info={"row": "a workspace whose state was read: where it lies, and which one was read last"},
)

resource: Final = Table(
    "estate_resource",
    metadata,
    Column("number", Number, primary_key=True),
    Column("state", Number, ForeignKey("estate_state.number"), nullable=False),
    Column("address", Text, nullable=False),
    Column("module", Text, nullable=False),
    Column("type", String(200), nullable=False),
    Column("provider", String(200), nullable=False),
    Column("ids", Text, nullable=False),
    Column("held", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("gone_at", UtcTime),
    Index("ix_estate_resource_state_gone_at", "state", "gone_at"),
    info={"row": "a resource under one address and one set of ids, from when it was first seen until it was gone"},
)

RESOURCE_COLUMNS: Final[Mapping[str, str]] = {
    "number": "BIGINT",
    "workspace": "VARCHAR",
    "repository": "VARCHAR",
    "address": "VARCHAR",
    "module": "VARCHAR",
    "type": "VARCHAR",
    "provider": "VARCHAR",
    "ids": "VARCHAR",
    "held": "VARCHAR",
    "tags": "VARCHAR",
    "first_seen": "VARCHAR",
    "gone_at": "VARCHAR",
}
"""The columns of ``columns``, with the types that the engine gives them; lists and maps are JSON text."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a state was found: the workspace that it is of, its repository, its place, when it was written."""

    workspace: str
    repository: str | None
    place: str
    written_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What a state brought: how many resources it has, how many are new and gone; `read` is False for a known one.

    `older` is the serial that is known already, where the state read is older than that.
    """

    workspace: str
    resources: int = 0
    new: int = 0
    gone: int = 0
    read: bool = True
    older: int | None = None


def learn(connection: Connection, found: Source, read: State, now: datetime) -> Learned:
    """Make `read` what is known of the workspace; an older serial of the same lineage changes nothing."""
    if len(found.workspace) > _LONGEST_NAME or not found.workspace:
        raise InputError(f"{found.place} gives a workspace {found.workspace[:40]!r}; name it by --workspace")
    lock(connection, _lock_of(found.workspace))
    before = connection.execute(select(state).where(state.c.workspace == found.workspace)).one_or_none()
    if before is not None and before.lineage == read.lineage and before.serial > read.serial:
        return Learned(found.workspace, read=False, older=before.serial)
    number = _put(connection, before, found, read, now)
    written = found.written_at if before is None else max(found.written_at, before.written_at)
    new, gone = _compare(connection, number, read.resources, written)
    return Learned(found.workspace, len(_named(read.resources)), new, gone)


def known(connection: Connection) -> dict[str, tuple[str, str | None]]:
    """The digest of what was read last, and the repository, by workspace."""
    rows = connection.execute(select(state.c.workspace, state.c.digest, state.c.repository))
    return {row.workspace: (row.digest, row.repository) for row in rows}


def repository(connection: Connection, workspace: str) -> str | None:
    """The repository of a workspace, as far as it is known."""
    return connection.execute(select(state.c.repository).where(state.c.workspace == workspace)).scalar()


def seen_since(connection: Connection, workspace: str, since: datetime) -> set[str]:
    """The addresses that a workspace's state was first seen to hold since then."""
    query = select(resource.c.address).join(state).where(state.c.workspace == workspace)
    return set(connection.execute(query.where(resource.c.first_seen >= since)).scalars())


def columns(connection: Connection) -> dict[str, list[Any]]:
    """Every resource there is or was, column by column as ``RESOURCE_COLUMNS`` says."""
    shown = (
        resource.c.number,
        state.c.workspace,
        state.c.repository,
        *(resource.c[n] for n in ("address", "module", "type", "provider", "ids", "held", "tags")),
        resource.c.first_seen,
        resource.c.gone_at,
    )
    rows = connection.execute(select(*shown).join(state).order_by(resource.c.number)).all()
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in RESOURCE_COLUMNS]
    made = dict(zip(RESOURCE_COLUMNS, values, strict=True))
    for name in ("first_seen", "gone_at"):
        made[name] = [m.isoformat() if m else None for m in made[name]]
    return made


@dataclass(frozen=True, slots=True)
class Held:
    """A resource under one address and set of ids, and in what time a state held it so."""

    address: str
    ids: str
    first_seen: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """What a workspace's states ever held, oldest first, and when the last one that was read was written."""

    written_at: datetime
    held: tuple[Held, ...]


def history(connection: Connection, workspace: str) -> History | None:
    """The history of a workspace; None where no state of it was read."""
    found = connection.execute(select(state.c.number, state.c.written_at).where(state.c.workspace == workspace)).first()
    if found is None:
        return None
    columns = (resource.c[n] for n in Held.__slots__)
    rows = connection.execute(select(*columns).where(resource.c.state == found.number).order_by(resource.c.number))
    return History(found.written_at, tuple(Held(*row) for row in rows))


def _put(connection: Connection, before: Row[Any] | None, found: Source, read: State, now: datetime) -> int:
    values = {
        "place": found.place,
        "lineage": read.lineage[:200],
        "serial": read.serial,
        "digest": found.digest,
        "written_at": found.written_at,
        "read_at": now,
    }
    if found.repository is not None:
        values["repository"] = found.repository
    if before is not None:
        connection.execute(state.update().where(state.c.number == before.number).values(values))
        return int(before.number)
    made = connection.execute(state.insert().values(workspace=found.workspace, **values))
    return int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0


def _lock_of(workspace: str) -> int:
    """Two states of one workspace are compared one after the other."""
    digest = hashlib.sha256(b"estate\0" + workspace.encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


Key = tuple[str, str, str, str]


def _compare(connection: Connection, number: int, read: Iterable[StateResource], written: datetime) -> tuple[int, int]:
    """Close what is gone, add what is new, bring tags up to date; gives how many are new and gone."""
    open_ = {
        (r.address, r.type, r.ids, r.held): r
        for r in connection.execute(select(resource).where(resource.c.state == number, resource.c.gone_at.is_(None)))
    }
    there = {_key(r): r for r in _named(read)}
    gone = [open_[key].number for key in open_.keys() - there.keys()]
    if gone:
        _each(connection, "gone_at", [{"key": n, "value": written} for n in gone])
    new = [_row(number, r, written) for key, r in there.items() if key not in open_]
    if new:
        connection.execute(resource.insert(), new)
    retagged = [
        {"key": open_[k].number, "value": _tags(r)}
        for k, r in there.items()
        if k in open_ and open_[k].tags != _tags(r)
    ]
    if retagged:
        _each(connection, "tags", retagged)
    return len(new), len(gone)


def _each(connection: Connection, name: str, values: list[dict[str, Any]]) -> None:
    column = resource.c[name]
    update = resource.update().where(resource.c.number == bindparam("key"))
    connection.execute(update.values({column: bindparam("value", type_=column.type)}), values)


def _named(read: Iterable[StateResource]) -> list[StateResource]:
    """Those that a bill can name."""
    return [r for r in read if r.ids or r.held]


def _key(r: StateResource) -> Key:
    return r.address, r.type, json.dumps(r.ids), json.dumps(r.held)


def _tags(r: StateResource) -> str:
    return json.dumps(r.tags, sort_keys=True)


def _row(number: int, r: StateResource, written: datetime) -> dict[str, Any]:
    address, kind, ids, held = _key(r)
    return {
        "state": number,
        "address": address,
        "module": r.module,
        "type": kind[:200],
        "provider": r.provider[:200],
        "ids": ids,
        "held": held,
        "tags": _tags(r),
        "first_seen": written,
        "gone_at": None,
    }

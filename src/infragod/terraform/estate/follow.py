"""The estate follows the state backend: each version of a state that became the current one is read, in its order.

How far that is stands beside the state and is noted in the transaction that learns. So storing a state waits for
nothing, and where a server ends between the two, whoever follows next (a server, a load) goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from infragod.db import audit
from infragod.db.connection import Connection, Database
from infragod.errors import InputError
from infragod.settings import Settings
from infragod.terraform import history, state, store
from infragod.terraform.estate import store as estate
from infragod.terraform.estate.store import Learned, Source
from infragod.terraform.state import State
from infragod.terraform.store import Version

ACTOR = "infragod"
RepositoryOf = Callable[[Connection, Version], str | None]
"""The repository of the apply that sent a version, as far as somebody above this room knows it."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A version with what is in it; `fault` says why it could not be read."""

    version: Version
    digest: str
    state: State | None
    fault: str


def follow(settings: Settings, database: Database, repository_of: RepositoryOf) -> Iterator[Learned]:
    """Learn what was stored since; what a version brought is given as soon as it is kept."""
    with database.read() as connection:
        waiting = store.behind(connection)
    for workspace in waiting:
        while (read := _next(settings, database, workspace)) is not None:
            learned = _learn(database, read, repository_of)
            if learned is not None:
                yield learned


def _next(settings: Settings, database: Database, workspace: str) -> _Read | None:
    with database.read() as connection:
        version = store.unlearned(connection, workspace)
        if version is None:
            return None
        data = history.content(settings, connection, version)
    digest = hashlib.sha256(data).hexdigest()
    try:
        return _Read(version, digest, state.read(data, _place(version)), "")
    except InputError as error:
        return _Read(version, digest, None, str(error))


def _learn(database: Database, read: _Read, repository_of: RepositoryOf) -> Learned | None:
    """Keep what was read and note that it was; None if another process was first, or nothing could be read."""
    version = read.version
    with database.begin() as connection:
        if not store.learned(connection, version):
            return None
        if read.state is None:
            audit.append(connection, "states.unread", ACTOR, {"workspace": version.workspace, "reason": read.fault})
            return None
        known = estate.repository(connection, version.workspace)
        told = None if known else repository_of(connection, version)
        source = Source(version.workspace, told, _place(version), version.created_at, read.digest)
        return estate.learn(connection, source, read.state, datetime.now(UTC))


def _place(version: Version) -> str:
    return f"the state backend's version {version.version} of {version.workspace}"

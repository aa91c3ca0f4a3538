"""Old versions of a state go as the setting says; those that somebody may need stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.postgres import database, postgres, where
from tests.terraform.test_backend import APPLYING, PIPELINE, READER, WRITER, Open, state

from infragod.db.connection import Database
from infragod.settings import Settings
from infragod.terraform import history, store
from infragod.terraform.backend import Backend, LockInfo
from infragod.terraform.estate import follow

__all__ = ["database", "postgres", "where"]


@pytest.fixture
def backend(where: Settings, database: Database) -> Backend:
    return Backend(replace(where, state_versions=2), database, Open())


def post(backend: Backend, where: Settings, database: Database, *serials: int) -> None:
    for serial in serials:
        backend.post(WRITER, "w", "", state(serial))
        list(follow.follow(where, database, lambda *_: None))


def numbers(database: Database) -> list[int]:
    with database.read() as connection:
        return [v.version for v in store.versions(connection, "w")]


def test_the_newest_stay(backend: Backend, where: Settings, database: Database) -> None:
    post(backend, where, database, 1, 2, 3, 4, 5)
    assert numbers(database) == [5, 4]
    with database.read() as connection:
        assert len(connection.execute(store.body.select()).all()) == 2


def test_by_default_everything_stays(where: Settings, database: Database) -> None:
    post(Backend(where, database, Open()), where, database, 1, 2, 3, 4)
    assert numbers(database) == [4, 3, 2, 1]


def test_what_the_estate_has_not_read_stays(backend: Backend, where: Settings, database: Database) -> None:
    for serial in range(1, 5):
        backend.post(WRITER, "w", "", state(serial))
    assert numbers(database) == [4, 3, 2, 1]
    post(backend, where, database, 5)
    post(backend, where, database, 6)
    assert numbers(database) == [6, 5]


def test_what_was_restored_or_kept_aside_stays(backend: Backend, where: Settings, database: Database) -> None:
    post(backend, where, database, 1, 2)
    history.restore(where, database, "w", 1, "somebody")  # version 3
    backend.post(READER, "w", "", state(9))  # version 4, aside
    post(backend, where, database, 10, 11, 12)
    assert numbers(database) == [7, 6, 4, 3, 1]


def test_what_a_held_lock_began_from_stays(backend: Backend, where: Settings, database: Database) -> None:
    post(backend, where, database, 1)
    backend.lock(PIPELINE, "w", LockInfo("a", APPLYING))
    for serial in (2, 3, 4):
        backend.post(PIPELINE, "w", "a", state(serial))
        list(follow.follow(where, database, lambda *_: None))
    assert numbers(database) == [4, 3, 1]
    backend.unlock(PIPELINE, "w", "a")
    post(backend, where, database, 5)
    assert numbers(database) == [5, 4]

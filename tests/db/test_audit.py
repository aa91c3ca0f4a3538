from __future__ import annotations

import re
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from infragod.db import audit
from infragod.db.connection import Database


def _fill(database: Database, count: int = 5) -> list[str]:
    with database.begin() as connection:
        return [audit.append(connection, "test", "role", {"n": n, "ü": None}) for n in range(count)]


def _without_triggers(connection: Connection) -> None:
    """What somebody with all rights on the database can do."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("DROP TRIGGER audit_no_delete"))
    else:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))


def test_an_untouched_log_is_whole(database: Database) -> None:
    hashes = _fill(database)
    with database.read() as connection:
        assert audit.verify(connection) == audit.Verification(5, hashes[-1])
        assert audit.verify(connection, anchor=hashes[2]).whole


def test_an_empty_log_is_whole(database: Database) -> None:
    with database.read() as connection:
        assert audit.verify(connection) == audit.Verification(0, audit.START)


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_database_refuses_changes(database: Database, statement: str) -> None:
    if statement.startswith("TRUNCATE") and database.engine.dialect.name == "sqlite":
        statement = "DELETE FROM audit WHERE number = 1"
    _fill(database)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(statement))
    with database.read() as connection:
        assert audit.verify(connection).entries == 5


@pytest.mark.parametrize(
    ("statement", "broken", "fault"),
    [
        ("UPDATE audit SET actor = 'x' WHERE number = 3", 3, "entry 3 .* was changed"),
        ("UPDATE audit SET details = '{}' WHERE number = 2", 2, "entry 2 .* was changed"),
        ("UPDATE audit SET hash = '0' WHERE number = 5", 5, "entry 5 .* was changed"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE number = 4", 4, "entry 4 .* was changed"),
        ("DELETE FROM audit WHERE number = 2", 2, "entry 2 is missing"),
        ("DELETE FROM audit WHERE number = 1", 1, "entry 1 is missing"),
    ],
)
def test_the_first_broken_entry_is_named(database: Database, statement: str, broken: int, fault: str) -> None:
    _fill(database)
    with database.begin() as connection:
        _without_triggers(connection)
        connection.execute(text(statement))
    with database.read() as connection:
        proof = audit.verify(connection)
    assert not proof.whole
    assert proof.broken == broken
    assert proof.entries == broken - 1

    assert re.match(fault, proof.fault)


def test_an_anchor_shows_what_was_cut_off(database: Database) -> None:
    hashes = _fill(database)
    with database.begin() as connection:
        _without_triggers(connection)
        connection.execute(text("DELETE FROM audit WHERE number >= 4"))
    with database.read() as connection:
        assert audit.verify(connection).whole  # the chain alone can't tell
        assert "cut off" in audit.verify(connection, anchor=hashes[-1]).fault


def test_many_writers_make_one_chain(database: Database) -> None:
    def work(name: str) -> None:
        for n in range(10):
            with database.begin() as connection:
                audit.append(connection, "test", name, {"n": n})

    threads = [threading.Thread(target=work, args=(f"w{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        proof = audit.verify(connection)
        entries = audit.entries(connection, limit=100)
    assert proof.whole
    assert proof.entries == 40
    assert {e.actor for e in entries} == {"w0", "w1", "w2", "w3"}


def test_what_is_rolled_back_leaves_no_gap(database: Database) -> None:
    _fill(database, 2)

    def fail() -> None:
        with database.begin() as connection:
            audit.append(connection, "test", "x", {})
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    _fill(database, 1)
    with database.read() as connection:
        assert audit.verify(connection).entries == 3


def test_entries_are_paged_and_filtered(database: Database) -> None:
    _fill(database)
    with database.begin() as connection:
        audit.append(connection, "other", "role", {"x": [1]}, at=datetime(2026, 1, 1, tzinfo=UTC))
    with database.read() as connection:
        assert [e.number for e in audit.entries(connection, limit=2)] == [6, 5]
        assert [e.number for e in audit.entries(connection, before=5, limit=2)] == [4, 3]
        assert [e.details for e in audit.entries(connection, kind="other")] == [{"x": [1]}]


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))))
def test_canonical_json_knows_no_order(details: dict[str, object]) -> None:
    assert audit.canonical(details) == audit.canonical(dict(reversed(list(details.items()))))

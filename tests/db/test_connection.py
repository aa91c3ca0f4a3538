from __future__ import annotations

import os
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select, text

from infragod.db.base import Money, UtcTime, version
from infragod.db.connection import Database, address, exists, lock
from infragod.db.revision import HEAD
from infragod.errors import SetupError, StoreError
from infragod.settings import Settings

_things = Table(
    "things", MetaData(), Column("id", Integer, primary_key=True), Column("amount", Money), Column("moment", UtcTime)
)


def _sqlite(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_money_and_time_come_back_as_they_went_in(database: Database) -> None:
    amounts = [Decimal("0.000000000001"), Decimal("-12345678901234567890.123456789012"), Decimal("0.1"), None]
    moment = datetime(2026, 10, 31, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    with database.begin() as connection:
        _things.create(connection)
        connection.execute(_things.insert(), [{"amount": a, "moment": moment if a else None} for a in amounts])
    with database.read() as connection:
        rows = connection.execute(select(_things.c.amount, _things.c.moment).order_by(_things.c.id)).all()
    assert [row.amount for row in rows] == amounts
    assert rows[0].moment == moment
    assert rows[0].moment.tzinfo is UTC
    assert rows[3].moment is None


@pytest.mark.parametrize("values", [{"amount": 0.1}, {"moment": datetime(2026, 1, 1)}])  # noqa: DTZ001 - the fault at hand
def test_floats_and_moments_without_zone_are_refused(database: Database, values: dict[str, object]) -> None:
    from sqlalchemy.exc import StatementError

    with database.begin() as connection:
        _things.create(connection)
        with pytest.raises(StatementError, match=r"money is Decimal|a moment needs a zone"):
            connection.execute(_things.insert().values(**values))


def test_an_error_rolls_everything_back(database: Database) -> None:
    def fail() -> None:
        with database.begin() as connection:
            connection.execute(version.update().values(version_num="x"))
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        fail()
    assert database.revision() == HEAD


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    with database.begin() as connection:
        _things.create(connection)
    with database.read() as reader:
        assert reader.execute(select(_things)).all() == []
        with database.begin() as writer:
            writer.execute(_things.insert().values(id=1))
        assert reader.execute(select(_things)).all() == []
    with database.read() as reader:
        assert len(reader.execute(select(_things)).all()) == 1


def test_opening_again_finds_what_was_there(where: Settings) -> None:
    with Database.open(where) as first, first.begin() as connection:
        _things.create(connection)
        connection.execute(_things.insert().values(id=7))
    with Database.open(where, create=False, migrate=False) as second, second.read() as connection:
        assert connection.execute(select(_things.c.id)).scalar() == 7


def test_many_open_a_fresh_database_at_once(where: Settings) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            Database.open(where).close()
        except BaseException as error:  # noqa: BLE001 - the test reports it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Database.open(where) as opened, opened.read() as connection:
        assert connection.execute(select(version)).all() == [(HEAD,)]


def test_a_lock_keeps_writers_apart(database: Database) -> None:
    with database.begin() as connection:
        _things.create(connection)
        connection.execute(_things.insert().values(id=1, amount=Decimal(0)))

    def add() -> None:
        for _ in range(5):
            with database.begin() as connection:
                lock(connection, 1)
                amount = connection.execute(select(_things.c.amount)).scalar_one()
                connection.execute(_things.update().values(amount=amount + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.execute(select(_things.c.amount)).scalar() == 20


def test_a_newer_schema_is_refused(where: Settings) -> None:
    with Database.open(where) as database, database.begin() as connection:
        connection.execute(version.update().values(version_num="9999"))
    with pytest.raises(SetupError, match="schema 9999, which is newer than this InfraGod"):
        Database.open(where)


def test_tables_of_something_else_are_left_alone(where: Settings) -> None:
    with Database.open(where) as database, database.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(SetupError, match="tables of something else"):
        Database.open(where)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    os.umask(0o022)
    with Database.open(_sqlite(tmp_path)) as database, database.begin() as connection:
        _things.create(connection)
        modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in (tmp_path / "home").iterdir()}
    assert modes["infragod.db"] == 0o600
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_sqlite_is_set_up_for_several_processes(tmp_path: Path) -> None:
    with Database.open(_sqlite(tmp_path)) as database, database.read() as connection:
        pragmas = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "foreign_keys")}
        assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


def test_nothing_is_made_where_nothing_is_asked_for(tmp_path: Path) -> None:
    settings = _sqlite(tmp_path)
    assert not exists(settings)
    with pytest.raises(SetupError, match=r"there is no database at .*infragod\.db"):
        Database.open(settings, create=False)
    assert not settings.home.exists()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is no database address"),
        ("mysql://me@host/x", "names 'mysql'"),
        ("sqlite://", "names 'sqlite'"),
    ],
)
def test_wrong_addresses_are_one_sentence(tmp_path: Path, url: str, sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        address(Settings(home=tmp_path, database_url=url))


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="postgres://me:geheim@127.0.0.1:1/x")
    with pytest.raises(SetupError, match="cannot be used") as caught:
        Database.open(settings)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    settings = _sqlite(tmp_path)
    settings.home.mkdir()
    (settings.home / "infragod.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(SetupError, match=r"infragod\.db is no database, or is damaged"):
        Database.open(settings)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot write the database"):
        Database.open(Settings(home=tmp_path / "file" / "home"))


def test_a_held_database_is_said_to_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infragod.db.connection.BUSY_SECONDS", 0)
    with (
        Database.open(_sqlite(tmp_path)) as one,
        Database.open(_sqlite(tmp_path)) as other,
        one.begin(),
        pytest.raises(StoreError, match="held by another process"),
        other.begin(),
    ):
        pass


def _fill(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        _things.create(connection)
        connection.execute(_things.insert(), [{"amount": Decimal(i)} for i in range(100_000)])


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    with Database.open(_sqlite(tmp_path)) as database:
        with pytest.raises(StoreError, match="is full; free some space"):
            _fill(database)
        assert database.revision() == HEAD


def test_the_driver_of_postgresql_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SetupError, match="driver for PostgreSQL is missing"):
        Database.open(Settings(home=tmp_path, database_url="postgresql://host/x"))


def test_a_lost_server_is_one_sentence(where: Settings) -> None:
    if not where.database_url:
        where = replace(where, home=where.home / "other")
    with Database.open(where) as database:
        if database.engine.dialect.name == "sqlite":
            return
        with pytest.raises(SetupError, match="cannot be used"), database.begin() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

"""A migrated database and a fresh one are the same, to the last constraint and trigger."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from tests.postgres import new_postgres

from infragod.db import migrate, schema
from infragod.db.base import version
from infragod.db.connection import Database
from infragod.db.revision import HEAD, REVISIONS
from infragod.errors import SetupError
from infragod.settings import Settings

_POSTGRESQL = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable,
                 regexp_replace(column_default, '''.*''', ''), is_identity)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"


def _shape(connection: Connection) -> dict[tuple[str, str], str]:
    sqlite = connection.dialect.name == "sqlite"
    rows = connection.execute(text(_SQLITE if sqlite else _POSTGRESQL))
    return {(kind, name): _normal(sql) for kind, name, sql in rows}


def _normal(sql: str) -> str:
    """Without blanks and in the order of the alphabet: Alembic writes constraints in another order."""
    return ",".join(sorted(part.strip(' ()\n\t"') for part in " ".join(sql.split()).split(",")))


@pytest.fixture
def empty(where: Settings) -> Database:
    """A database of either kind without any table."""
    from infragod.db.connection import _engine, _prepare_file, file_of
    from infragod.db.connection import address as address_of

    _prepare_file(file_of(address_of(where)))
    return Database(_engine(address_of(where)))


def test_migrations_make_the_schema_that_a_fresh_database_has(
    empty: Database, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    migrate.upgrade(empty)
    kind = empty.engine.dialect.name
    url = "" if kind == "sqlite" else new_postgres(request.getfixturevalue("postgres"))
    settings = Settings(home=tmp_path_factory.mktemp("fresh"), database_url=url)
    with Database.open(settings) as fresh, fresh.read() as one, empty.read() as other:
        assert _shape(other) == _shape(one)
        assert len(_shape(one)) > 20
    empty.close()


def test_alembic_finds_nothing_left_to_change(empty: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    migrate.upgrade(empty)
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.whole()) == []
    empty.close()


def test_the_revisions_are_those_of_the_files() -> None:
    script = ScriptDirectory.from_config(migrate.configuration())
    assert tuple(r.revision for r in reversed(list(script.walk_revisions()))) == REVISIONS
    assert script.get_heads() == [HEAD]


def test_every_table_is_known_to_the_registry() -> None:
    assert {"team", "service", "budget", "hold", "token", "decision", "bundle", "audit"} <= set(schema.whole().tables)


def test_an_outdated_database_is_migrated_or_refused(where: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with Database.open(where) as database, database.begin() as connection:
        connection.execute(version.update().values(version_num="0000"))
    monkeypatch.setattr("infragod.db.connection.REVISIONS", ("0000", HEAD))
    with pytest.raises(SetupError, match=f"schema 0000, older than {HEAD}; run `infragod doctor --upgrade`"):
        Database.open(where, migrate=False)
    upgraded: list[Database] = []
    monkeypatch.setattr(migrate, "upgrade", upgraded.append)
    Database.open(where).close()
    assert len(upgraded) == 1


def test_opening_imports_no_alembic(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    code = (
        "import sys; from pathlib import Path; from infragod.settings import Settings;"
        "from infragod.db.connection import Database;"
        f"Database.open(Settings(home=Path({str(home)!r}))).close();"
        "print([m for m in ('alembic', 'sqlglot', 'pyarrow', 'fastapi') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

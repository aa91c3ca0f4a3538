"""Open the database: SQLite in the home folder, or PostgreSQL by its address; whole, or one sentence why not.

    with Database.open(settings) as database:
        with database.begin() as connection: …      one write transaction
        with database.read() as connection: …       one read

A fresh database gets its tables at once; an outdated one is migrated unless `migrate` is off.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError, OperationalError

from infragod.db.base import version
from infragod.db.revision import HEAD, REVISIONS
from infragod.errors import SetupError, StoreError
from infragod.settings import Settings

__all__ = ["Connection", "Database", "address", "exists", "file_of", "lock"]  # rooms above name the Connection by this

FILE_NAME: Final = "infragod.db"
BUSY_SECONDS: Final = 30
SCHEMA_LOCK: Final = 7_210_301  # any number that nobody else locks by
_DRIVERS: Final = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


def address(settings: Settings) -> URL:
    """The database's address; ``SetupError`` if it is none or of another product."""
    if not settings.database_url:
        return URL.create("sqlite", database=str(settings.home / FILE_NAME))
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        raise SetupError(
            "database_url is no database address; write it as postgresql://user:password@host/name, or leave it empty"
        ) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() not in ("sqlite", "postgresql") or (
        url.get_backend_name() == "sqlite" and not file_of(url)
    ):
        raise SetupError(
            f"database_url names {url.get_backend_name()!r}; InfraGod keeps its data in an SQLite file or in PostgreSQL"
        )
    return url


def exists(settings: Settings) -> bool:
    """True if there is a database to read: a PostgreSQL address, or an SQLite file with something in it."""
    path = file_of(address(settings))
    return path is None or (path.is_file() and path.stat().st_size > 0)


class Database:
    """An open database whose schema is of this InfraGod's revision."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, settings: Settings, *, create: bool = True, migrate: bool = True) -> Database:
        """Open it; make it if `create`; bring it up to date if `migrate`; ``SetupError`` says what is in the way."""
        url = address(settings)
        if not create and not exists(settings):
            raise SetupError(
                f"there is no database at {_shown(url)}; `infragod org import FILE` or `infragod demo` makes one"
            )
        _prepare_file(file_of(url))
        database = cls(_engine(url))
        try:
            database._bring_up(migrate=migrate)
        except BaseException:
            database.close()
            raise
        return database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @property
    def shown(self) -> str:
        """The address without its password."""
        return _shown(self.engine.url)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back by an error."""
        with self._errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database and changes nothing."""
        with self._errors(), self.engine.connect() as connection:
            yield connection.execution_options(**_READ[self.engine.dialect.name])

    def revision(self) -> str | None:
        """The revision of the schema that is there; None if there is none."""
        with self.read() as connection:
            return _revision(connection)

    def _bring_up(self, *, migrate: bool) -> None:
        found = self.revision()
        if found == HEAD:
            return
        if found is None:
            self._create()
        elif found not in REVISIONS:
            raise SetupError(
                f"the database {self.shown} has schema {found}, which is newer than this InfraGod; install a newer one"
            )
        elif migrate:
            from infragod.db.migrate import upgrade

            upgrade(self)
        else:
            raise SetupError(
                f"the database {self.shown} has schema {found}, older than {HEAD}; run `infragod doctor --upgrade`"
            )

    def _create(self) -> None:
        from infragod.db.schema import whole

        with self.begin() as connection:
            lock(connection, SCHEMA_LOCK)
            if _revision(connection) is not None:  # another process was first
                return
            if inspect(connection).get_table_names():
                raise SetupError(
                    f"the database {self.shown} holds tables of something else; give InfraGod an empty one of its own"
                )
            whole().create_all(connection)
            connection.execute(version.insert().values(version_num=HEAD))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if isinstance(error, OperationalError) or type(error) is DatabaseError or error.connection_invalidated:
                raise _sentence(error, self.shown) from None
            raise  # a violated constraint or a wrong statement is the caller's matter


_READ: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {"infragod_read": True},  # our own option: the transaction begins without the right to write
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}


def lock(connection: Connection, number: int) -> None:
    """Hold the lock `number` until the transaction ends; on SQLite a write transaction is alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def file_of(url: URL) -> Path | None:
    """The SQLite file that the address names; None for PostgreSQL."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _shown(url: URL) -> str:
    return str(file_of(url) or url.set(drivername="postgresql").render_as_string(hide_password=True))


def _prepare_file(path: Path | None) -> None:
    """The file and its folder exist and are their owner's alone, before anything is written."""
    if path is None:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SetupError(
            f"cannot write the database {path}: {error.strerror}; give yourself the right, or set INFRAGOD_HOME"
        ) from None


def _engine(url: URL) -> Engine:
    arguments = {"timeout": BUSY_SECONDS} if url.get_backend_name() == "sqlite" else {"connect_timeout": 10}
    try:
        engine = create_engine(url, connect_args=arguments, pool_pre_ping=url.get_backend_name() == "postgresql")
    except (ModuleNotFoundError, NoSuchModuleError):
        raise SetupError(
            "the driver for PostgreSQL is missing; install it by `pip install 'infragod[postgres]'`"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connected)
        event.listen(engine, "begin", _sqlite_begins)
    return engine


def _sqlite_connected(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # we begin transactions ourselves; the driver would begin them too late
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", f"busy_timeout = {BUSY_SECONDS * 1000}"):
        raw.execute(f"PRAGMA {pragma}")


def _sqlite_begins(connection: Connection) -> None:
    reads = connection.get_execution_options().get("infragod_read", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(version.name):
        return None
    return connection.execute(select(version.c.version_num)).scalar()


def _sentence(error: DBAPIError, where: str) -> StoreError | SetupError:
    """The driver's complaint as one sentence; the statement and its values stay out of it."""
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    if "locked" in reason:
        return StoreError(
            f"the database {where} is held by another process for {BUSY_SECONDS} s; try again when it ends"
        )
    if "full" in reason:
        return StoreError(f"the disk of the database {where} is full; free some space, nothing was changed")
    if "not a database" in reason or "malformed" in reason:
        return SetupError(f"{where} is no database, or is damaged ({reason}); restore it from a backup or move it away")
    return SetupError(f"the database {where} cannot be used: {reason}; check that it runs and may be reached")

"""The engine that runs SQL: DuckDB in this process. The only door to duckdb, besides the loader beside it.

``Engine.scratch()`` is an empty, locked in-memory database for rules: no file, no network, no changed configuration.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

import duckdb
from arro3.core import Array, DataType, Table

from infragod.errors import StoreError
from infragod.lake.tables import literal

Row = tuple[Any, ...]
MEMORY: Final = "1100MB"
"""What an engine that moves many rows may hold of them in memory."""
FULL: Final = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
"""How the operating system says that there is no room."""


class Engine:
    """A DuckDB connection with the few verbs that the other rooms need.

    `shared`: others read the same database, so tables loaded here are this connection's alone.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, shared: bool = False) -> None:
        self.connection = connection
        self.kind = "TEMP TABLE" if shared else "TABLE"

    @classmethod
    def scratch(cls, threads: int = 1, *, optimise: bool = True) -> Engine:
        """An in-memory engine whose external access is off and whose configuration is locked.

        One thread: a plan is small, a second thread costs 24 MiB, and a server decides plans side by side.
        """
        connection = duckdb.connect(config={"threads": threads})
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET enable_external_access = false")
        if not optimise:
            connection.execute("PRAGMA disable_optimizer")
        connection.execute("SET lock_configuration = true")
        return cls(connection)

    @classmethod
    def reading(cls, folder: Path, statements: Sequence[str], threads: int = 2) -> Engine:
        """An engine that can read the files of `folder`, runs `statements` (its views) and is then locked."""
        connection = duckdb.connect(config={"threads": threads})
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET python_enable_replacements = false")
        connection.execute(f"SET allowed_directories = [{literal(f'{folder}/')}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for statement in statements:
            connection.execute(statement)
        return cls(connection)

    @classmethod
    def writing(cls, folder: Path, out: Path, statements: Sequence[str], threads: int = 2) -> Engine:
        """An engine that reads the files of `folder` and writes large ones into `out`, within a bounded memory.

        It runs `statements` and is then locked. It tells how far it is; see ``Engine.done``.
        """
        spill = str(out / f".infragod-spill-{os.getpid()}")
        connection = duckdb.connect(config={"threads": threads, "memory_limit": MEMORY, "temp_directory": spill})
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = true")  # else it does not count how far it is
        connection.execute("SET enable_progress_bar_print = false")
        connection.execute("SET preserve_insertion_order = false")  # else it holds rows back, to the limit of memory
        connection.execute("SET python_enable_replacements = false")
        connection.execute(f"SET allowed_directories = [{literal(f'{folder}/')}, {literal(f'{out}/')}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for statement in statements:
            connection.execute(statement)
        return cls(connection)

    @classmethod
    def files(cls, threads: int = 2) -> Engine:
        """An in-memory engine that may write files; for making data, never for rules."""
        connection = duckdb.connect(config={"threads": threads})
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        return cls(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def load(self, name: str, types: Mapping[str, str], columns: Mapping[str, Sequence[Any]]) -> None:
        """Make table `name` of `types` (by column) from `columns` (values by column; None is NULL).

        Values other than text, booleans and None are passed as their text and cast by the engine.
        """
        casts = ", ".join(f'CAST("{c}" AS {t}) AS "{c}"' for c, t in types.items())
        self.connection.register("_incoming", arrow(types, columns))
        self.connection.execute(f'CREATE OR REPLACE {self.kind} "{name}" AS SELECT {casts} FROM _incoming')  # noqa: S608 - names from our own table definitions
        self.connection.unregister("_incoming")

    def make(self, name: str, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Make table `name` of the rows of `sql`, in place of the one there was."""
        self._execute(f'CREATE OR REPLACE {self.kind} "{name}" AS {sql}', parameters)

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows of `sql`; `$name` in it are taken from `parameters`."""
        return self._execute(sql, parameters).fetchall()

    def dicts(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of `sql` as dictionaries in column order."""
        return list(self.stream(sql, parameters))

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Rows of `sql` one by one, without holding them all."""
        result = self._execute(sql, parameters)
        names = [d[0] for d in result.description or ()]
        while batch := result.fetchmany(2048):
            yield from (dict(zip(names, row, strict=True)) for row in batch)

    def write(self, sql: str, parameters: Mapping[str, Any] | None, path: Path) -> None:
        """Write the rows of `sql` to `path`, as Parquet or as compressed CSV by its name.

        ``StoreError`` where they cannot be written whole; what stood at `path` stays then.
        """
        with whole(path) as part:
            rows = self.connection.sql(sql, params=dict(parameters or {}))
            if path.suffix == ".parquet":
                rows.write_parquet(str(part), compression="zstd")
            else:
                rows.write_csv(str(part), compression="gzip")

    def copy(self, select: str, path: Path, options: str) -> None:
        """Stream the rows of `select` to `path` as `options` of COPY say: whole, or not at all."""
        with whole(path) as part:
            self.connection.execute(f"COPY ({select}) TO {literal(str(part))} ({options}, USE_TMP_FILE false)")

    def done(self) -> float:
        """How much of what runs in another thread is done, in per cent; below 0 where nothing can be told."""
        return float(self.connection.query_progress())

    def _execute(self, sql: str, parameters: Mapping[str, Any] | None) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(sql, parameters) if parameters else self.connection.execute(sql)
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"the engine ran out of memory ({str(error).splitlines()[0]}); narrow the months or raise it"
            ) from None


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place once it is written; on any failure what stood there stays."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.touch()  # what the system refuses, it says here in its own words
        yield part
        part.replace(path)
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as error:
        raise StoreError(f"cannot write {path}: {_reason(error)}; nothing was changed, give another file") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    """The operating system's words alone, where the engine wraps them."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error).strip().splitlines()[0]
    return next((os.strerror(code) for code in FULL if os.strerror(code) in text), text.rstrip("."))


def arrow(types: Mapping[str, str], columns: Mapping[str, Sequence[Any]]) -> Table:
    """The columns as Arrow: booleans as they are, all else as text, so that decimals stay exact."""
    return Table.from_pydict({name: _array(columns[name], kind) for name, kind in types.items()})


def _array(values: Sequence[Any], sql_type: str) -> Array:
    if sql_type == "BOOLEAN":
        return Array(values, DataType.bool())
    return Array([v if v is None or isinstance(v, str) else str(v) for v in values], DataType.utf8())

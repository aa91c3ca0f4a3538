"""The locked engines that rules run in: their tables and macros, and how one statement is run within a limit of time.

Making a plan of a statement costs more than running it over a hundred rows. So a small plan's engine is used again: its
tables stand empty between two plans, and what it is asked a second time is prepared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import duckdb

from infragod.errors import SetupError
from infragod.lake.engine import Engine, Row, arrow
from infragod.lake.watch import WATCH

MACROS: Final[Mapping[str, str]] = {
    "ratio": "(part, whole) AS CAST(CAST(part AS DOUBLE) / NULLIF(CAST(whole AS DOUBLE), 0) AS DECIMAL(18,6))",
    "money_text": """(amount, currency) AS
        CASE WHEN ROUND(amount, 2) < 0 THEN '-' ELSE '' END
        || CASE currency WHEN 'USD' THEN '$' WHEN 'EUR' THEN '€' WHEN 'GBP' THEN '£' WHEN 'JPY' THEN '¥'
                ELSE currency || ' ' END
        || format('{:,}', CAST(TRUNC(ABS(ROUND(amount, 2))) AS HUGEINT)) || '.'
        || LPAD(CAST(CAST(ABS(ROUND(amount, 2)) * 100 AS HUGEINT) % 100 AS VARCHAR), 2, '0')""",
    "percent_text": "(part, whole) AS CAST(CAST(ROUND(100 * ratio(part, whole)) AS BIGINT) AS VARCHAR) || ' %'",
    "count_text": "(amount) AS format('{:,}', CAST(amount AS BIGINT))",
}
"""Functions that rules may call besides the subset's; each engine brings its own."""


SMALL: Final = 2000
"""Resources up to which making a plan of a statement costs more than it saves: the optimiser is off then.

DuckDB keeps the plan of a prepared statement only where the optimiser is off, too.
"""
MOST_IDLE: Final = 2
MOST_STATEMENTS: Final = 2000
"""Statements after which an engine is not used again: they change with the day and with the values of rules."""

Types = Mapping[str, Mapping[str, str]]
Columns = Mapping[str, Sequence[Any]]


def scratch() -> Engine:
    """An empty locked engine with the macros."""
    return _with_macros(Engine.scratch())


class _Incoming:
    """What a table is filled from: the Arrow table of the moment, under a name that the engine knows for good."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types
        self._nothing = arrow(types, {name: [] for name in types})
        self._table = self._nothing
        self.casts = ", ".join(f'CAST("{name}" AS {kind})' for name, kind in types.items())

    def take(self, columns: Columns) -> None:
        """The next rows."""
        self._table = arrow(self._types, columns)

    def forget(self) -> None:
        """No rows."""
        self._table = self._nothing

    def __arrow_c_schema__(self) -> object:
        return self._table.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Bench:
    """A locked engine with tables of `types`.

    For a `small` plan the optimiser is off, and all that happens is one transaction that is rolled back: nothing of a
    plan is there for the next one.
    """

    def __init__(self, types: Types, *, small: bool) -> None:
        self.connection = _with_macros(Engine.scratch(optimise=not small)).connection
        self.small = small
        self._names: dict[str, str] = {}
        self._prepared: set[str] = set()
        self._incoming = {name: _Incoming(columns) for name, columns in types.items()}
        for name, columns in types.items():
            made = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            self.connection.execute(f'CREATE TABLE "{name}" ({made})')
            self.connection.register(f"_{name}", self._incoming[name])

    @property
    def worn(self) -> bool:
        """True if it was asked too many things to be used again."""
        return len(self._names) > MOST_STATEMENTS

    def begin(self) -> None:
        """A plan begins."""
        if self.small:
            self.connection.execute("BEGIN")

    def fill(self, name: str, columns: Columns) -> None:
        """Put rows into a table: values by column, None is NULL."""
        if not any(columns.values()):
            return
        incoming = self._incoming[name]
        incoming.take(columns)
        self._execute(f'INSERT INTO "{name}" SELECT {incoming.casts} FROM "_{name}"')  # noqa: S608 - names from our own table definitions
        incoming.forget()

    def run(self, sql: str, *, seconds: float, what: str) -> tuple[list[str], list[Row]]:
        """Column names and rows of `sql`; ``SetupError`` names `what` if it fails or passes `seconds`."""
        try:
            with WATCH.limited(self.connection, seconds):
                result = self._execute(sql)
                rows = result.fetchall()
        except duckdb.InterruptException:
            raise SetupError(
                f"{what} was stopped after {seconds:g} seconds; make it cheaper, or set enabled = false for it"
            ) from None
        except duckdb.Error as error:
            text = " ".join(str(error).split("\n\nLINE")[0].split())
            raise SetupError(f"{what} failed: {text}; correct the file, or set enabled = false for it") from None
        return [d[0] for d in result.description or ()], rows

    def end(self) -> None:
        """The plan's rows go."""
        if self.small:
            self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the engine."""
        self.connection.close()

    def _execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run `sql`: as it is when it comes for the first time, prepared from the second time on."""
        name = self._names.get(sql)
        if name is None or not self.small:
            self._names[sql] = f"s{len(self._names)}"
            return self.connection.execute(sql)
        if name not in self._prepared:
            self.connection.execute(f"PREPARE {name} AS {sql}")
            self._prepared.add(name)
        return self.connection.execute(f"EXECUTE {name}")


class Pool:
    """Engines over tables of `types`: a small plan's is used again."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._idle: list[Bench] = []

    @contextmanager
    def borrowed(self, resources: int) -> Iterator[Bench]:
        """An engine with empty tables for a plan of so many resources; one in which anything failed is closed."""
        bench = self._take(small=resources <= SMALL)
        try:
            bench.begin()
            yield bench
            bench.end()
        except BaseException:
            bench.close()
            raise
        if bench.small and not bench.worn and len(self._idle) < MOST_IDLE:
            self._idle.append(bench)
        else:
            bench.close()

    def _take(self, *, small: bool) -> Bench:
        try:
            return self._idle.pop() if small else Bench(self._types, small=False)
        except IndexError:
            return Bench(self._types, small=True)


def _with_macros(engine: Engine) -> Engine:
    for name, body in MACROS.items():
        engine.connection.execute(f"CREATE MACRO {name}{body}")
    return engine

"""The locked engine that rules run in: its macros, and how one statement is run within a limit of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import duckdb

from infragod.errors import SetupError
from infragod.lake.engine import Engine, Row
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
"""Resources up to which making a plan of a statement costs more than it saves: the optimiser is off then."""
_IDLE: Final[list[Engine]] = []
_MOST_IDLE: Final = 2


def scratch() -> Engine:
    """An empty locked engine with the macros."""
    return _with_macros(Engine.scratch())


@contextmanager
def borrowed(resources: int) -> Iterator[Engine]:
    """An empty engine for a plan of so many resources; a small plan's is used again, since opening one costs more.

    All that happens in it is one transaction that is rolled back, so that nothing of a plan is there for the next one;
    an engine in which anything failed is not used again.
    """
    if resources > SMALL:
        with scratch() as engine:
            yield engine
        return
    try:
        engine = _IDLE.pop()
    except IndexError:
        engine = _with_macros(Engine.scratch(optimise=False))
    try:
        engine.connection.execute("BEGIN")
        yield engine
        engine.connection.execute("ROLLBACK")
    except BaseException:
        engine.connection.close()
        raise
    if len(_IDLE) < _MOST_IDLE:
        _IDLE.append(engine)
    else:
        engine.connection.close()


def _with_macros(engine: Engine) -> Engine:
    for name, body in MACROS.items():
        engine.connection.execute(f"CREATE MACRO {name}{body}")
    return engine


def run(
    engine: Engine, sql: str, parameters: Mapping[str, Any], *, seconds: float, what: str
) -> tuple[list[str], list[Row]]:
    """Column names and rows of `sql`; ``SetupError`` names `what` if it fails or passes `seconds`."""
    try:
        with WATCH.limited(engine.connection, seconds):
            result = engine.connection.execute(sql, dict(parameters)) if parameters else engine.connection.execute(sql)
            rows = result.fetchall()
    except duckdb.InterruptException:
        raise SetupError(
            f"{what} was stopped after {seconds:g} seconds; make it cheaper, or set enabled = false for it"
        ) from None
    except duckdb.Error as error:
        text = " ".join(str(error).split("\n\nLINE")[0].split())
        raise SetupError(f"{what} failed: {text}; correct the file, or set enabled = false for it") from None
    return [d[0] for d in result.description or ()], rows

"""Run a report: a few rows out of all the lake's rows, made by the engine alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.report.definition import load


def rows(engine: Engine, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of the report `name`; money is Decimal, an unknown owner is None."""
    return list(stream(engine, name, **parameters))


def stream(engine: Engine, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """The rows one by one, without holding them all."""
    sql, values = load(name).statement(parameters)
    return engine.stream(sql, values)


def months(engine: Engine) -> list[Period]:
    """The months that the lake has charges of, oldest first."""
    found = engine.run("SELECT DISTINCT x_billing_period FROM cost ORDER BY x_billing_period")
    return [Period.parse(row[0]) for row in found]

"""The sums of estimates against bills for the pages, as they are now or were some minutes ago."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from infragod.db.connection import Database
from infragod.finance.accuracy import Parts, render, store
from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.report import run
from infragod.web.behind import Behind

FIRST: Final = "type"


@dataclass(frozen=True, slots=True)
class Sums:
    """The rows of the report `accuracy`, each with figures that add up in cents, and what each currency comes to."""

    rows: list[dict[str, Any]]
    by_currency: dict[str, Parts]


class AccuracySums:
    """The error by what it is grouped by, of one month or of all."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._behind: Behind[tuple[str, Period | None], Sums] = Behind(self._sum, clock)

    def of(self, by: str, month: Period | None) -> Sums | None:
        """The sums; None while they are made for the first time, where that takes long."""
        return self._behind.get((by, month))

    def warm(self, ahead: float) -> None:
        """What the page shows first, before somebody asks for it."""
        self._behind.warm((FIRST, None), ahead)

    def _sum(self, key: tuple[str, Period | None]) -> Sums:
        by, month = key
        with self._database.read() as connection, Engine.scratch() as engine:
            engine.load("accuracy", store.ACCURACY_COLUMNS, store.accuracy(connection, month))
            rows = run.rows(engine, "accuracy", by=by, first=month, last=month)
        sums: dict[str, Parts] = {}
        for row in rows:
            sums[row["currency"]] = sums.get(row["currency"], Parts()) + _figures(row)
        return Sums(
            [row | {"name": row[by], "figures": render.cents(_figures(row))} for row in rows],
            {currency: render.cents(found) for currency, found in sums.items()},
        )


def _figures(row: dict[str, Any]) -> Parts:
    return Parts(**{name: row[name] for name in Parts.__slots__})

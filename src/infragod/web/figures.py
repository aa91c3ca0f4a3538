"""Figures of the lake for the pages: each report is run once per version of the lake, then remembered."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from infragod import pipeline
from infragod.db.connection import Database
from infragod.finance import forecast
from infragod.focus import BASES, Period
from infragod.lake.engine import Engine
from infragod.lake.lake import Lake
from infragod.report import run
from infragod.report.coverage import Ask

KEPT: Final = 256
KEPT_ROWS: Final = 20_000
FRESH_SECONDS: Final = 3600
WINDOW: Final = 12
Rows = list[dict[str, Any]]
Wanted = tuple[str, tuple[tuple[str, Hashable], ...]]
"""A report and its parameters."""
_T = TypeVar("_T")


class Figures:
    """Reports over the lake as it is now; what was asked before is answered from memory."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def months(self) -> list[Period]:
        """The months that are loaded, newest first; read from the lake's log alone."""
        return sorted({period for state in self.lake.sources() for period in state.periods}, reverse=True)

    def rows(self, report: str, **parameters: Hashable) -> Rows:
        """The rows of a report."""
        return self._remembered((report, *sorted(parameters.items())), lambda e: run.rows(e, report, **parameters))

    def by_service(self, month: Period, basis: str) -> Rows:
        """The cost of each team's services in the twelve months up to `month`."""
        by = ("x_team", "x_service")
        return self.rows("showback", first=month.plus(1 - WINDOW), last=month, by=by, basis=basis)

    def gated(self, database: Database, asked: Ask, *reports: Wanted) -> list[Rows]:
        """The rows of reports on what passed the gate; what is decided since is heeded within the hour."""
        hour = int(time.time() // FRESH_SECONDS)

        def ask(engine: Engine) -> list[Rows]:
            pipeline.gate(engine, database, asked)
            always = {"month": asked.month, "basis": asked.basis}
            return [run.rows(engine, name, **always, **dict(parameters)) for name, parameters in reports]

        return self._remembered(("gated", asked, hour, reports), ask)

    def forecast(self, month: Period, today: date, basis: str, currency: str) -> dict[str, Decimal | None]:
        """What each team will have spent by the end of `month`; None where that can't be told."""
        found: dict[str, forecast.Money] = self._remembered(
            ("forecast", month, today, basis, currency),
            lambda e: forecast.month_by_team(e, month, today, BASES[basis], currency=currency),
        )
        return {team: ahead for team, (_, ahead) in found.items()}

    def warm(self, currency: str, today: date) -> None:
        """Ask for what the first page shows, so that nobody waits for it after a load."""
        for month in self.months()[:1]:
            self.rows("spend", first=month, last=month)
            self.by_service(month, "effective")
            self.forecast(month, today, "effective", currency)

    def _remembered(self, question: Hashable, ask: Callable[[Engine], _T]) -> _T:
        key = (self.lake.version("cost"), question)
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:  # who asks the same at the same time waits for the first one's answer
            known = self._look_up(key)
            if known is None:
                with self.lake.engine() as engine:
                    known = ask(engine)
                self._keep(key, known)
        return known  # type: ignore[no-any-return]  # what `ask` gave, now or before

    def _look_up(self, key: Hashable) -> Any:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _keep(self, key: Hashable, answer: Any) -> None:
        with self._lock:
            self._turns.pop(key, None)
            if len(answer) <= KEPT_ROWS:
                self._known[key] = answer
            while len(self._known) > KEPT:
                self._known.popitem(last=False)

"""The months of the gate's friction for the pages; and the look for rules that were overturned too often."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from infragod.db.connection import Database
from infragod.focus import Period
from infragod.policy import rules
from infragod.policy.bundle import store as bundles
from infragod.policy.friction import Friction, store
from infragod.policy.proposals import look
from infragod.settings import Settings
from infragod.web.behind import Behind

LOOK_SECONDS: Final = 3600


class FrictionMonths:
    """Friction by month, as it is now or was some minutes ago."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._behind: Behind[Period, Friction] = Behind(self._month, clock)
        self._looked: float | None = None

    def months(self) -> list[Period]:
        """The months that there are decisions of, newest first."""
        with self._database.read() as connection:
            return store.months(connection)

    def of(self, period: Period) -> Friction | None:
        """The friction of one month; None while it is summed up for the first time, where that takes long."""
        return self._behind.get(period)

    def warm(self, ahead: float) -> None:
        """This month's, before somebody asks for it."""
        self._behind.warm(Period.of(datetime.now(UTC).date()), ahead)
        self._propose()

    def _month(self, period: Period) -> Friction:
        with self._database.read() as connection:
            return store.month(connection, period, datetime.now(UTC))

    def _propose(self) -> None:
        """Once an hour: which rules were overturned too often."""
        if self._looked is not None and self._clock() < self._looked + LOOK_SECONDS:
            return
        self._looked = self._clock()
        with self._database.begin() as connection:
            law = rules.load(self._settings, bundles.latest(connection))
            look.look(connection, law.all, look.terms(self._settings), datetime.now(UTC))

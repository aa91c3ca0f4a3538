"""The months of the gate's friction for the pages, remembered; and the look for rules that were overturned too often.

A month of 50,000 decisions a day takes seconds to sum up. What took long is kept for a hundred times as long as it
took, and this month's is made again behind the pages' back before it is too old.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from infragod.db.connection import Database
from infragod.focus import Period
from infragod.policy import rules
from infragod.policy.bundle import store as bundles
from infragod.policy.friction import Friction, store
from infragod.policy.proposals import look
from infragod.settings import Settings

QUICK: Final = 0.1
TIMES: Final = 100
KEPT: Final = 24
LOOK_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class _Known:
    friction: Friction
    took: float
    until: float


class FrictionMonths:
    """Friction by month, as it is now or was some minutes ago."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._turn = threading.Lock()
        self._known: OrderedDict[Period, _Known] = OrderedDict()
        self._looked: float | None = None

    def months(self) -> list[Period]:
        """The months that there are decisions of, newest first."""
        with self._database.read() as connection:
            return store.months(connection)

    def of(self, period: Period) -> Friction:
        """The friction of one month."""
        if (known := self._fresh(period, 0)) is not None:
            return known
        with self._turn:  # who asks at the same time waits for the first one's answer
            return self._fresh(period, 0) or self._measure(period)

    def warm(self, ahead: float) -> None:
        """Measure this month again if it takes long and would be too old within `ahead` seconds."""
        period = Period.of(datetime.now(UTC).date())
        known = self._known.get(period)
        if (known is None or known.took > QUICK) and self._fresh(period, ahead) is None:
            with self._turn:
                self._measure(period)
        self._propose()

    def _fresh(self, period: Period, ahead: float) -> Friction | None:
        known = self._known.get(period)
        return known.friction if known is not None and self._clock() + ahead < known.until else None

    def _measure(self, period: Period) -> Friction:
        began = self._clock()
        with self._database.read() as connection:
            found = store.month(connection, period, datetime.now(UTC))
        ended = self._clock()
        took = ended - began
        self._known[period] = _Known(found, took, ended + (TIMES * took if took > QUICK else 0.0))
        self._known.move_to_end(period)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found

    def _propose(self) -> None:
        """Once an hour: which rules were overturned too often."""
        if self._looked is not None and self._clock() < self._looked + LOOK_SECONDS:
            return
        self._looked = self._clock()
        with self._database.begin() as connection:
            law = rules.load(self._settings, bundles.latest(connection))
            look.look(connection, law.all, look.terms(self._settings), datetime.now(UTC))

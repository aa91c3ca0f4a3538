"""The first page's count of decisions: read anew each time while that is quick, else remembered for a while.

A month of 50,000 decisions a day takes more than a second to count. So what took long is kept for a hundred times as
long as it took, and made again behind the pages' back (`warm`) before it is too old: nobody waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from infragod.db.connection import Database
from infragod.policy.store import Summary, summary

DAYS: Final = 30
QUICK: Final = 0.1
TIMES: Final = 100


class GateSummary:
    """The decisions of the last ``DAYS`` days."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._turn = threading.Lock()
        self._known: Summary | None = None
        self._until = 0.0
        self._took = 0.0

    def now(self) -> Summary:
        """The summary, at most some minutes old."""
        known = self._known
        if known is not None and self._clock() < self._until:
            return known
        with self._turn:  # who asks at the same time waits for the first one's answer
            if self._known is not None and self._clock() < self._until:
                return self._known
            return self._count()

    def warm(self, ahead: float) -> None:
        """Count again if it takes long and would be too old within `ahead` seconds, or was never done."""
        if self._known is None or (self._took > QUICK and self._clock() + ahead >= self._until):
            with self._turn:
                self._count()

    def _count(self) -> Summary:
        began = self._clock()
        with self._database.read() as connection:
            found = summary(connection, datetime.now(UTC) - timedelta(days=DAYS))
        ended = self._clock()
        self._took = ended - began
        self._known, self._until = found, ended + (TIMES * self._took if self._took > QUICK else 0.0)
        return found

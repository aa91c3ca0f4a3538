"""The first page's count of decisions: a month of 50,000 decisions a day takes more than a second to count."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from infragod.db.connection import Database
from infragod.policy.store import Summary, summary
from infragod.web.behind import Behind

DAYS: Final = 30


class GateSummary:
    """The decisions of the last ``DAYS`` days."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._behind: Behind[int, Summary] = Behind(self._count, clock)

    def now(self) -> Summary:
        """The summary, at most some minutes old."""
        found = self._behind.get(DAYS, None)
        if found is None:
            raise AssertionError("whoever waits for ever gets an answer")
        return found

    def warm(self, ahead: float) -> None:
        """Count again if it takes long and would be too old within `ahead` seconds, or was never done."""
        self._behind.warm(DAYS, ahead)

    def _count(self, days: int) -> Summary:
        with self._database.read() as connection:
            return summary(connection, datetime.now(UTC) - timedelta(days=days))

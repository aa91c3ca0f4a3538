"""The count of decisions: read anew while that is quick, else remembered, and made again before it is old."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infragod.db.connection import Database
from infragod.policy.store import Summary
from infragod.settings import Settings
from infragod.web import gate_summary
from infragod.web.gate_summary import GateSummary


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Each count gives the next number, and takes two seconds."""
    made = Clock()
    totals: Iterator[int] = iter(range(100))

    def counted(*_: object) -> Summary:
        made.time += 2
        return Summary(next(totals), {}, ())

    monkeypatch.setattr(gate_summary, "summary", counted)
    return made


def test_what_took_long_is_kept_and_made_again_ahead(clock: Clock, tmp_path: Path) -> None:
    with Database.open(Settings(home=tmp_path)) as database:
        gate = GateSummary(database, clock)
        gate.warm(60)
        assert gate.now().total == gate.now().total == 0
        clock.time += 150
        gate.warm(20)
        assert gate.now().total == 0
        gate.warm(60)
        assert gate.now().total == 1
        clock.time += 300
        assert gate.now().total == 2


def test_what_is_quick_is_read_each_time(tmp_path: Path) -> None:
    with Database.open(Settings(home=tmp_path)) as database:
        gate = GateSummary(database, lambda: 7.0)
        first = gate.now()
        gate.warm(60)
        assert gate.now() == first
        assert gate.now() is not first

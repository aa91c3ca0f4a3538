"""Limits of time: what runs too long is interrupted, what is done is left alone."""

from __future__ import annotations

import time

import pytest

from infragod.lake import watch


class Running:
    """Counts its interruptions."""

    def __init__(self) -> None:
        self.interrupted = 0

    def interrupt(self) -> None:
        self.interrupted += 1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "STEP", 0.005)


def test_what_is_late_is_interrupted_once_and_others_are_not() -> None:
    made, late, other = watch.Watch(), Running(), Running()
    with made.limited(other, 60), made.limited(late, 0.01):
        time.sleep(0.1)
    assert (late.interrupted, other.interrupted) == (1, 0)


def test_nothing_is_interrupted_after_its_end() -> None:
    made, done = watch.Watch(), Running()
    with made.limited(done, 0.02):
        pass
    time.sleep(0.1)
    assert done.interrupted == 0


def test_the_thread_ends_when_nothing_runs_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "STEP", 0.05)
    made, late = watch.Watch(), Running()
    with made.limited(late, 60):
        assert made._thread is not None
    until = time.monotonic() + 10
    while made._thread is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert made._thread is None
    with made.limited(late, 0.01):
        time.sleep(0.3)
    assert late.interrupted == 1

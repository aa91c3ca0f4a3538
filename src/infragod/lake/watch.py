"""A limit of time on statements: one thread for all of them, since starting one for each costs more than most run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

STEP: Final = 0.1
"""Seconds between two looks at what runs: how late a limit may be."""


class Interruptible(Protocol):
    """What can be told to stop what it runs."""

    def interrupt(self) -> None:
        """Stop."""


class Watch:
    """Interrupts what runs past its limit; its thread lives while anything runs, and a little longer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[object, tuple[float, Interruptible]] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def limited(self, what: Interruptible, seconds: float) -> Iterator[None]:
        """What `what` runs inside the block is interrupted after `seconds`; nothing is interrupted after the block."""
        key = object()
        with self._lock:
            self._running[key] = (time.monotonic() + seconds, what)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, daemon=True, name="limits of time")
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._running.pop(key, None)

    def _look(self) -> None:
        idle = 0
        while True:
            time.sleep(STEP)
            with self._lock:
                now = time.monotonic()
                late = [key for key, (until, _) in self._running.items() if until <= now]
                for key in late:
                    self._running.pop(key)[1].interrupt()
                idle = 0 if self._running else idle + 1
                if idle > 1 / STEP:
                    self._thread = None
                    return


WATCH: Final = Watch()

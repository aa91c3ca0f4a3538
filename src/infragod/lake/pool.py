"""One database a lake version, shared: opening an engine again is a cursor, and costs next to nothing.

A cursor has temporary tables of its own, so those who ask at the same time do not see each other's. A database whose
version has passed lives as long as somebody still reads with it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock

from infragod.lake.engine import Engine


class Pool:
    """The engine made last, by what it shows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._key: Hashable = None
        self._engine: Engine | None = None

    def engine(self, key: Hashable, make: Callable[[], Engine]) -> Engine:
        """An engine of the caller's own over what `key` stands for; `make` opens the first."""
        with self._lock:
            if self._engine is None or self._key != key:
                self._engine, self._key = make(), key
            return Engine(self._engine.connection.cursor(), shared=True)

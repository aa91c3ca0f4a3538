"""Figures that may take long, made behind the pages' back: remembered for a hundred times as long as they took.

What is quick is made anew each time. What is not is kept, made again before it is too old (`warm`), and never waited
for longer than a page's patience: until it is there, a page shows the older answer, or says that it is being summed up.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
QUICK: Final = 0.1
TIMES: Final = 100
KEPT: Final = 24
PATIENCE: Final = 0.15


@dataclass(frozen=True, slots=True)
class _Known(Generic[V]):
    value: V
    took: float
    until: float


class _Making(Generic[V]):
    """One value that is being made; whoever needs it waits for the same one."""

    def __init__(self, make: Callable[[], _Known[V]]) -> None:
        self._make = make
        self._done = threading.Event()
        self._known: _Known[V] | None = None
        self._fault: BaseException | None = None
        threading.Thread(target=self._run, daemon=True, name="figures").start()

    def _run(self) -> None:
        try:
            self._known = self._make()
        except BaseException as fault:  # noqa: BLE001  # whoever waits is told
            self._fault = fault
        self._done.set()

    def wait(self, patience: float | None) -> _Known[V] | None:
        """What was made, or None where it takes longer; what went wrong is raised."""
        if not self._done.wait(patience):
            return None
        if self._fault is not None:
            raise self._fault
        return self._known


class Behind(Generic[K, V]):
    """Values by key, each made by `make`."""

    def __init__(self, make: Callable[[K], V], clock: Callable[[], float] = time.monotonic) -> None:
        self._make = make
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[K, _Known[V]] = OrderedDict()
        self._making: dict[K, _Making[V]] = {}

    def get(self, key: K, patience: float | None = PATIENCE) -> V | None:
        """The value; an older one, or None, where a new one takes longer than `patience` seconds (None: for ever)."""
        known = self._known.get(key)
        if known is not None and self._clock() < known.until:
            return known.value
        made = self._begin(key).wait(patience)
        if made is not None:
            return made.value
        return None if known is None else known.value

    def warm(self, key: K, ahead: float) -> None:
        """Make the value again if it takes long and would be too old within `ahead` seconds, or was never made."""
        known = self._known.get(key)
        if known is None or (known.took > QUICK and self._clock() + ahead >= known.until):
            self._begin(key).wait(None)

    def _begin(self, key: K) -> _Making[V]:
        with self._lock:
            making = self._making.get(key)
            if making is None:
                making = self._making[key] = _Making(lambda: self._measured(key))
            return making

    def _measured(self, key: K) -> _Known[V]:
        try:
            began = self._clock()
            value = self._make(key)
            ended = self._clock()
            took = ended - began
            known = _Known(value, took, ended + (TIMES * took if took > QUICK else 0.0))
            with self._lock:
                self._known[key] = known
                self._known.move_to_end(key)
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
            return known
        finally:
            with self._lock:
                self._making.pop(key, None)

"""How a long task tells how far it is, without knowing who listens.

Rooms below the command line take a ``Progress``; the command line passes one that draws a bar on standard error,
tests and the server pass ``SILENT``.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the state of one long task."""

    def start(self, title: str, total: int | None, unit: str) -> None:
        """Begin a task of `total` units (None: unknown), measured in `unit` (for example "rows" or "B")."""

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""

    def finish(self) -> None:
        """The task ended, well or not."""


class Silent:
    """A ``Progress`` that says nothing."""

    def start(self, title: str, total: int | None, unit: str) -> None:
        """Ignore the beginning."""

    def advance(self, amount: int) -> None:
        """Ignore the step."""

    def finish(self) -> None:
        """Ignore the end."""


SILENT: Progress = Silent()

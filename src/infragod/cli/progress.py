"""A bar on standard error for tasks that take longer than two seconds, where standard error is a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from infragod.progress import SILENT, Progress

if TYPE_CHECKING:
    from tqdm import tqdm  # type: ignore[import-untyped]

PATIENCE: Final = 2.0


class Bar:
    """Draws one task after the other; a task done within ``PATIENCE`` seconds leaves no trace."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None

    def start(self, title: str, total: int | None, unit: str) -> None:
        """Begin a task of `total` units."""
        from tqdm import tqdm

        self.finish()
        self._bar = tqdm(
            desc=title,
            total=total,
            unit=unit if unit == "B" else f" {unit}",
            unit_scale=True,
            delay=PATIENCE,
            leave=False,
            file=sys.stderr,
            dynamic_ncols=True,
        )

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""
        if self._bar is not None:
            self._bar.update(amount)

    def finish(self) -> None:
        """The task ended, well or not."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def progress() -> Progress:
    """A bar where somebody watches, silence elsewhere."""
    return Bar() if sys.stderr.isatty() else SILENT

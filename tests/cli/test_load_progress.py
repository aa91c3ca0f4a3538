"""The bar shows only where somebody watches, and only for what takes long."""

from __future__ import annotations

import io
import sys

import pytest

from infragod.cli import progress
from infragod.progress import SILENT


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_silence_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress.progress() is SILENT


@pytest.mark.parametrize(("patience", "shown"), [(0.0, True), (60.0, False)])
def test_a_bar_for_what_takes_long(patience: float, *, shown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    bar = progress.progress()
    bar.advance(1)
    bar.start("loading", 2, "rows")
    bar.advance(1)
    bar.start("next", None, "B")
    bar.finish()
    bar.finish()
    assert ("loading" in terminal.getvalue()) is shown

"""The prices in use at a home, in the order they are asked: own rates, imported lists, the built-in sheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from infragod.price import imported, own
from infragod.price.sheet import BUILT_IN, Prices


def prices(home: Path, today: date, workspace: str = "") -> Prices:
    """The prices for a plan of `workspace` on a day."""
    return InUse(home).prices(today, workspace)


class InUse:
    """The prices of a home, read again when an import or a load has changed them."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._state: object = None
        self._prices = Prices()

    def prices(self, today: date, workspace: str = "") -> Prices:
        """The prices for a plan of `workspace` on a day."""
        state = (imported.number(self._home), own.newest(self._home, today))
        if state != self._state:
            sheet = imported.sheet(self._home)
            rates = own.read(self._home, today)
            self._prices, self._state = Prices((sheet, BUILT_IN) if sheet else (BUILT_IN,), rates), state
        return self._prices.of(workspace)

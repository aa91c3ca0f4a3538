"""The sheet of imported prices: a numbered folder under `$INFRAGOD_HOME/prices`, the one in use named by `current`.

An import writes a new number beside the old one and then replaces `current`, so a reader has the old sheet or the new
one, each whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from infragod.errors import SetupError
from infragod.price.sheet import BUILT_IN, Prices, Sheet

FOLDER: Final = "prices"
CURRENT: Final = "current"
TITLE: Final = "imported price lists"


def number(home: Path) -> int:
    """The number of the imported sheet in use; 0 where nothing was imported."""
    try:
        text = (home / FOLDER / CURRENT).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return 0
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{home / FOLDER / CURRENT} cannot be read: {error}; import prices again") from None
    if not text.isdigit():
        raise SetupError(f"{home / FOLDER / CURRENT} holds {text[:20]!r} instead of a number; import prices again")
    return int(text)


def sheet(home: Path) -> Sheet | None:
    """The imported sheet, or None."""
    current = number(home)
    return Sheet(home / FOLDER / str(current), TITLE) if current else None


def prices(home: Path) -> Prices:
    """The list prices of this home: imported ones first, then the built-in sheet."""
    own = sheet(home)
    return Prices((own, BUILT_IN) if own else (BUILT_IN,))


class Lists:
    """The list prices of a home, read again when another import came into use."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._read: tuple[int, Prices] | None = None

    def prices(self) -> Prices:
        """The prices in use now."""
        now = number(self._home)
        if self._read is None or self._read[0] != now:
            self._read = (now, prices(self._home))
        return self._read[1]

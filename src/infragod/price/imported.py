"""The sheet of imported prices: a numbered folder under `$INFRAGOD_HOME/prices`, the one in use named by `current`.

An import writes a new number beside the old one and then replaces `current`, so a reader has the old sheet or the new
one, each whole.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from infragod.errors import SetupError
from infragod.price.sheet import Sheet

FOLDER: Final = "prices"
CURRENT: Final = "current"
TITLE: Final = "imported price lists"
SKUS: Final = "skus.csv"
SKU_COLUMNS: Final = ("source", "provider", "sku", "service", "region", "key", "times")


class Sku(NamedTuple):
    """A product of a provider's list, and the row of the sheet that is its price times `times`."""

    source: str
    provider: str
    sku: str
    service: str
    region: str
    key: str
    times: Decimal


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


def skus(folder: Path) -> Iterator[Sku]:
    """The products that the sheet in `folder` has rows of."""
    try:
        lines = (folder / SKUS).open(encoding="utf-8", newline="")
    except FileNotFoundError:
        return
    with lines:
        reader = csv.reader(lines)
        next(reader, None)
        for source, provider, sku, service, region, key, times in reader:
            yield Sku(source, provider, sku, service, region, key, Decimal(times))

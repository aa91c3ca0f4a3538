"""Usage that pools are given away by: a CSV of month, key, target and value, one row for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from infragod.errors import InputError
from infragod.focus import Period
from infragod.spreadsheet import Faults, amount, read

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "month": ("period",),
    "key": ("metric",),
    "target": ("owner",),
    "value": ("quantity",),
}
Usage = Mapping[tuple[str, str], Mapping[str, Decimal]]


def load(path: Path) -> Usage:
    """By month and key, what each target used; ``InputError`` names every bad row."""
    sheet = read(path, COLUMNS, tuple(COLUMNS))
    faults = Faults(sheet.where)
    found: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for number, cells in sheet.rows:
        try:
            month, value = str(Period.parse(cells["month"])), amount(cells["value"], sheet.separator)
        except (InputError, ValueError) as error:
            faults.add(number, "month or value", str(error))
            continue
        used = found[month, cells["key"]]
        if value < 0:
            faults.add(number, "value", f"{value} is negative; a key is never negative")
        elif cells["target"].partition(":")[0] not in ("team", "service", "pool") or "*" in cells["target"]:
            faults.add(number, "target", f"{cells['target']!r} is none; write team:NAME, service:NAME or pool:NAME")
        elif cells["target"] in used:
            faults.add(number, "target", f"{cells['target']} has {cells['key']} of {month} twice; add them up")
        else:
            used[cells["target"]] = value
    faults.stop()
    return found

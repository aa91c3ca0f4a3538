"""What the bill says of resources: which window of a month is known, and the lines of each address in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

from infragod.finance.accuracy import ZERO, Billed, Line, State, Window
from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.lake.lake import MonthState

NEW_DAYS: Final = 2
"""The newest days of a bill, to which providers still add."""
COMMITMENTS: Final = "commitments"
_SQL: Final = files("infragod") / "sql" / "analyse" / "billed_by_address.sql"
Key = tuple[str, str]


def window(loaded: Iterable[MonthState], month: Period, now: datetime) -> Window:
    """How much of `month` is known; it is complete if each source that was billed until then has all of it.

    A source is expected to bill the month if it billed the month before, or any month since.
    """
    known = list(loaded)
    here = {x.source: x for x in known if x.period == month}
    expected = {x.source for x in known if x.period >= month.plus(-1)}
    missing = tuple(sorted(source for source in expected if source not in here))
    first, end = month.first_day, month.plus(1).first_day
    if not here:
        return Window(month, State.WAITING, 0, first, missing if now.date() >= end else ())
    if not missing and all(x.complete for x in here.values()):
        return Window(month, State.COMPLETE, month.days, end)
    whole = [
        x.last_charge.astimezone(UTC).date() for x in here.values() if x.last_charge is not None and not x.complete
    ]
    cut = max(first, min([*whole, now.date() - timedelta(days=NEW_DAYS), end]))
    days = (cut - first).days
    return Window(month, State.PARTIAL if days else State.WAITING, days, cut, missing)


def billed(engine: Engine, month: Period, cut: date, wanted: Iterable[Key]) -> dict[Key, Billed]:
    """What is billed for each (workspace, address) that is wanted and has a row, up to the day `cut`."""
    keys = sorted(set(wanted))
    columns = {"workspace": [w for w, _ in keys], "address": [a for _, a in keys]}
    engine.load("wanted", dict.fromkeys(columns, "VARCHAR"), columns)
    values = {"month": str(month), "first": str(month.first_day), "cut": str(cut)}
    rows: defaultdict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in engine.stream(_SQL.read_text(encoding="utf-8"), values):
        rows[row["workspace"], row["address"]].append(row)
    return {key: _billed(found) for key, found in rows.items()}


def _billed(rows: Sequence[Mapping[str, Any]]) -> Billed:
    usage = [row for row in rows if row["kind"] == "usage"]
    apart: dict[str, Decimal] = {}
    for row in rows:
        name, amount = row["kind"], row["effective"] or ZERO
        if name == "usage":
            name, amount = COMMITMENTS, amount - (row["cost"] or ZERO)
        apart[name] = apart.get(name, ZERO) + amount
    return Billed(
        tuple(_line(row) for row in usage),
        {name: amount for name, amount in sorted(apart.items()) if amount},
        frozenset(row["currency"] for row in rows),
        sum(int(row["open"]) for row in rows),
    )


def _line(row: Mapping[str, Any]) -> Line:
    counted = row["quantity"] if not row["uncounted"] else None
    return Line(row["meter"] or "", row["unit"] or "", counted, row["price"], row["cost"] or ZERO)

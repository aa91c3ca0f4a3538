"""Sums that the pages make of report rows: by month for a chart, by name for a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from infragod.focus import Period

TOP: Final = 7
UNOWNED: Final = "Unowned"
OTHER: Final = "Other"
Row = dict[str, Any]
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: its name and the name of its colour."""

    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A chart's figures: a line per month with a value per series (None: nothing was charged) and the total."""

    series: tuple[Series, ...]
    rows: tuple[tuple[Period, tuple[Decimal | None, ...], Decimal], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One name's cost in a month and in the month before; `before` is None if it was charged nothing then."""

    name: str | None
    cost: Decimal
    before: Decimal | None


def sums(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, Decimal]:
    """The cost of `rows` by what `key` says."""
    total: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        total[key(row)] += row["cost"]
    return dict(total)


def trend(rows: Sequence[Row], column: str, nobody: str = UNOWNED, top: int = TOP) -> Trend:
    """Cost by month for the `top` names of `column`; the rest is one series, and so is what nobody owns."""
    totals = sums(rows, lambda row: row[column])
    ranked = sorted((n for n in totals if n is not None), key=lambda name: (-totals[name], name))
    shown = ranked[:top] if len(ranked) > top + 1 else ranked[: top + 1]
    series = [Series(name, f"c{i + 1}") for i, name in enumerate(shown)]
    names: list[Any] = list(shown)
    if len(shown) < len(ranked):
        series.append(Series(OTHER, "other"))
        names.append(OTHER)
    if None in totals:
        series.append(Series(nobody, "unowned"))
        names.append(None)
    kept = set(shown)
    cells = sums(rows, lambda row: (row["month"], row[column] if row[column] in kept or row[column] is None else OTHER))
    return Trend(tuple(series), _lines(cells, names))


def plain(rows: Sequence[Row], name: str) -> Trend:
    """Cost by month as one series."""
    cells = sums(rows, lambda row: (row["month"], name))
    return Trend((Series(name, "c1"),), _lines(cells, [name]))


def lines(rows: Iterable[Row], column: str, month: Period) -> list[Line]:
    """Each name of `column` with its cost in `month` and the month before, the dearest first."""
    rows = list(rows)
    now = sums((r for r in rows if r["month"] == str(month)), lambda row: row[column])
    before = sums((r for r in rows if r["month"] == str(month.plus(-1))), lambda row: row[column])
    made = [Line(name, now.get(name, ZERO), before.get(name)) for name in now.keys() | before.keys()]
    return sorted(made, key=lambda line: (-line.cost, line.name or ""))


def _lines(
    cells: dict[tuple[str, Any], Decimal], names: Sequence[Any]
) -> tuple[tuple[Period, tuple[Decimal | None, ...], Decimal], ...]:
    months = sorted({month for month, _ in cells})
    made = []
    for month in months:
        values = tuple(cells.get((month, name)) for name in names)
        made.append((Period.parse(month), values, sum((v for v in values if v is not None), ZERO)))
    return tuple(made)

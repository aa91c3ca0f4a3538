"""A report's rows as a table for people, and as CSV, JSON or Parquet for machines.

For machines money is exact and an unknown owner is null; for people money is rounded to cents, and what nobody owns is
called so.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from infragod.errors import StoreError
from infragod.focus import COST_COLUMNS, SQL_TYPES, Kind, exact, money
from infragod.lake.engine import Engine
from infragod.report.definition import Report

Rows = Sequence[Mapping[str, Any]]
WIDTH: Final = 100
UNOWNED: Final = "(unowned)"
_NOBODY: Final = dict.fromkeys(("x_team", "x_service", "x_cost_centre"), UNOWNED) | {"x_creator": "(unknown)"}
_GAP: Final = "  "
_NARROWEST: Final = 9


def table(report: Report, rows: Rows) -> str:
    """The rows in at most 100 columns, money to the right, with a total for each currency."""
    if not rows:
        return ""
    columns = [name for name in rows[0] if name != "currency" and not _says_nothing(report, rows, name)]
    cells = [[_cell(report, row, name) for name in columns] for row in rows]
    totals = [_total(report, columns, rows, currency) for currency in dict.fromkeys(row["currency"] for row in rows)]
    right = [name in report.money or isinstance(rows[0][name], int) for name in columns]
    widths = _widths([columns, *cells, *totals], right)
    rule = "-" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    body = [_line(line, widths, right) for line in cells]
    return "\n".join(
        [
            report.title,
            "",
            _line(columns, widths, right),
            rule,
            *body,
            rule,
            *(_line(t, widths, right) for t in totals),
            "",
        ]
    )


def as_json(rows: Rows) -> str:
    """A list of objects; money is decimal text."""
    return json.dumps([{k: _machine(v) for k, v in row.items()} for row in rows], indent=2, ensure_ascii=False) + "\n"


def as_csv(rows: Rows) -> str:
    """A header and a line a row; what is null is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow(["" if v is None else _machine(v) for v in row.values()])
    return out.getvalue()


def write_parquet(report: Report, rows: Rows, path: Path) -> None:
    """Write the rows to `path`: whole, or not at all."""
    names = list(rows[0]) if rows else ["month", "currency", *report.money]
    types = {name: _sql_type(report, name) for name in names}
    with Engine.files() as engine:
        engine.load("report", types, {name: [row[name] for row in rows] for name in names})
        engine.write("SELECT * FROM report", None, path)


def write_text(text: str, path: Path) -> None:
    """Write `text` to `path`: whole, or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    finally:
        part.unlink(missing_ok=True)


def _unwritable(path: Path, reason: str) -> StoreError:
    return StoreError(f"cannot write {path}: {reason}; give another --out, nothing was changed")


def _machine(value: Any) -> Any:
    return exact(value) if isinstance(value, Decimal) else value


def _cell(report: Report, row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if value is None:
        return _NOBODY.get(name, "-")
    if name in report.money:
        return money(value, row["currency"])
    return str(_machine(value))


def _says_nothing(report: Report, rows: Rows, name: str) -> bool:
    """A column that is empty in every row only takes the room of others; what is unknown of money is shown."""
    return name not in report.money and all(_cell(report, row, name) == "-" for row in rows)


def _total(report: Report, columns: Sequence[str], rows: Rows, currency: str) -> list[str]:
    line = ["total" if i == 0 else "" for i in range(len(columns))]
    for i, name in enumerate(columns):
        if name in report.money:
            known = [row[name] for row in rows if row["currency"] == currency and row[name] is not None]
            line[i] = money(sum(known, Decimal(0)), currency) if known else "-"
    return line


def _widths(lines: Sequence[Sequence[str]], right: Sequence[bool]) -> list[int]:
    """As wide as the widest cell; text columns give way, the widest first, until the line fits."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(right))]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > WIDTH:
        widest = max((w, i) for i, w in enumerate(widths) if not right[i])
        if widest[0] <= _NARROWEST:
            break
        widths[widest[1]] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    shown = (c if len(c) <= w else c[: w - 1] + "…" for c, w in zip(cells, widths, strict=True))
    return _GAP.join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(shown, widths, right, strict=True)).rstrip()


def _sql_type(report: Report, name: str) -> str:
    if name in report.money:
        return SQL_TYPES[Kind.MONEY]
    kinds = {c.name: c.kind for c in COST_COLUMNS} | {"quantity": Kind.QUANTITY}
    return "BIGINT" if name in ("services", "resources", "workspaces") else SQL_TYPES[kinds.get(name, Kind.TEXT)]

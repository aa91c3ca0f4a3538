"""What is looked at before anything is written: numbers, times, periods, currencies; and what was mended.

One grouped query per shape of file gives a ``Finding`` per file, account and period; only a mistake costs another
query, which finds the row.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from infragod.errors import InputError
from infragod.focus import BASES, Column, Kind, Period
from infragod.lake import normalise
from infragod.lake.bill import Bill, Shape, SourceFile, raw_value
from infragod.lake.staging import read_error
from infragod.lake.tables import quote

_NUMBERS: Final = (Kind.MONEY, Kind.QUANTITY)
_DECIMAL: Final = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_WHAT: Final = {Kind.MONEY: "no number", Kind.QUANTITY: "no number", Kind.TIME: "no time"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one file says of one account's billing period."""

    file: SourceFile
    staged: Path
    account: str | None
    issuer: str | None
    currency: str | None
    start: datetime | None
    end: datetime | None
    rows: int
    first_row: int
    last_charge: datetime | None

    @property
    def period(self) -> Period:
        """The month of the billing period."""
        if self.start is None:
            raise ValueError("a finding without a billing period passed the checks")
        return Period.of(self.start)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What all files say, and how many rows each mend or note concerns."""

    findings: tuple[Finding, ...]
    mended: Counter[str]
    rounded: Counter[str]
    unknown: Counter[str]
    unread_tags: int
    needed: tuple[frozenset[str], ...]
    """Titles of the mends that concern a row, by shape."""


def inspect(bill: Bill) -> Inspection:
    """Check every row; ``InputError`` names file, row and column of the first mistake."""
    findings: list[Finding] = []
    counts: Counter[tuple[str, str]] = Counter()
    needed: list[frozenset[str]] = []
    for shape in bill.shapes:
        rows = _query(bill, shape, _inspection(shape))
        mine = Counter({key: sum(row[f"{key[0]}:{key[1]}"] or 0 for row in rows) for key in _counters(shape)})
        counts.update(mine)
        findings += [_finding(bill, row) for row in rows]
        _remember_starts(shape, rows)
        needed.append(frozenset(title for (kind, title), n in mine.items() if kind == "mend" and n))
        _refuse_bad_values(bill, shape, rows)
    _refuse_missing(findings)
    _refuse_other_period(findings)
    _refuse_mixed_currency(findings)
    _refuse_two_ends(findings)
    kinds = {
        kind: Counter({n: c for (k, n), c in counts.items() if k == kind and c}) for kind in ("mend", "round", "null")
    }
    return Inspection(
        tuple(findings), kinds["mend"], kinds["round"], kinds["null"], counts["tags", "Tags"], tuple(needed)
    )


def _query(bill: Bill, shape: Shape, sql: str) -> list[dict[str, Any]]:
    try:
        return bill.place.engine.dicts(sql)
    except duckdb.Error as error:
        raise read_error(shape.files[0].path if len(shape.files) == 1 else "the files", error) from None


def _counters(shape: Shape) -> dict[tuple[str, str], str]:
    """The count, in SQL, by (what is counted, column)."""
    present = {c.name: c for c in normalise.READ if c.name in shape.header.columns}
    counters = {("null", name): f"count(*) - count({_known(shape, present[name])})" for name in BASES.values()}
    for mend in normalise.mends():
        counters["mend", mend.title] = _changed(mend)
    for name, column in present.items():
        raw = quote(_raw(name))
        if column.kind in _WHAT and _can_fail(shape, column):
            counters["bad", name] = f"count_if({_bad(shape, column, raw, quote(name))})"
        if column.kind in _NUMBERS and _can_round(shape, column):
            counters["round", name] = f"count_if({_rounded(shape, column)})"
    if "Tags" in present and _family(shape, present["Tags"]) == "text":
        counters["tags", "Tags"] = f"count_if(\"Tags\" IS NULL AND {quote(_raw('Tags'))} NOT IN ('', '{{}}'))"
    return counters


def _changed(mend: normalise.Mend) -> str:
    """Rows that `mend` changes; a CASE, for nothing in it is computed for rows that do not come to it."""
    if mend.fills:
        return f"count(CASE WHEN {quote(mend.column)} IS NULL THEN {mend.expression} END)"
    return f"count_if(({mend.expression}) IS DISTINCT FROM {quote(mend.column)})"


def _known(shape: Shape, column: Column) -> str:
    """What is NULL where `column` is: the file's own number, unless that is text and may be empty."""
    return quote(column.name if _family(shape, column) == "text" else _raw(column.name))


def _raw(name: str) -> str:
    return f"raw {name}"


def _family(shape: Shape, column: Column) -> str:
    return normalise.family(column.kind, shape.types[shape.header.columns[column.name]])


def _can_fail(shape: Shape, column: Column) -> bool:
    family = _family(shape, column)
    return family in {"text", "float"} or (family == "number" and _digits(shape, column)[0] > 38 - _scale(column))


def _bad(shape: Shape, column: Column, raw: str, value: str) -> str:
    """That `raw`, in the file, gives no `value`; a floating point number has to be finite and to fit."""
    if _family(shape, column) == "float":
        return f"NOT (abs({raw}) < 1e22)"
    if _family(shape, column) == "number":
        return f"{value} IS NULL AND {raw} IS NOT NULL"
    return f"{value} IS NULL AND {raw} <> ''"


def _can_round(shape: Shape, column: Column) -> bool:
    family = _family(shape, column)
    return family == "text" or (family == "number" and _digits(shape, column)[1] > _scale(column))


def _digits(shape: Shape, column: Column) -> tuple[int, int]:
    """Digits before and after the point that the file's type of number may have."""
    match = _DECIMAL.match(shape.types[shape.header.columns[column.name]])
    return (int(match[1]) - int(match[2]), int(match[2])) if match else (20, 0)


def _scale(column: Column) -> int:
    return 12 if column.kind is Kind.MONEY else 15


def _rounded(shape: Shape, column: Column) -> str:
    """Digits beyond the scale: the number, or the text in twice the scale, is not what is kept."""
    scale, raw = _scale(column), quote(_raw(column.name))
    if _family(shape, column) == "number":
        return f"{raw} <> {quote(column.name)}"
    return (
        f"CASE WHEN length({raw}) > {scale + 2} OR contains(lower({raw}), 'e') "
        f"THEN TRY_CAST({raw} AS DECIMAL(38, 22)) <> TRY_CAST({quote(column.name)} AS DECIMAL(38, 22)) ELSE false END"
    )


def _inspection(shape: Shape) -> str:
    counted = _counters(shape)
    needed = [c for c in normalise.READ if c.name in shape.header.columns and c.kind in {*_WHAT, Kind.TAGS}]
    names = [(_raw(c.name), shape.header.columns[c.name]) for c in needed]
    raws = [f"{normalise.as_read(name, shape.types[name])} AS {quote(raw)}" for raw, name in names]
    aggregates = ", ".join(f'{sql} AS "{kind}:{name}"' for (kind, name), sql in counted.items())
    extra = ", ".join(["x_file", "file_row_number", *raws])
    is_text = _family(shape, next(c for c in needed if c.name == "BillingPeriodStart")) == "text"
    raw_start = quote(_raw("BillingPeriodStart")) if is_text else "NULL::VARCHAR"
    return f"""
        WITH typed AS ({shape.typed(extra=extra)}),
        grouped AS (
            SELECT x_file, "BillingAccountId" AS account, "InvoiceIssuerName" AS issuer, "BillingCurrency" AS currency,
                "BillingPeriodStart" AS start, "BillingPeriodEnd" AS stop,
                {raw_start} AS raw_start,
                count(*) AS rows, min(file_row_number) AS first_row, max("ChargePeriodEnd") AS last_charge, {aggregates}
            FROM typed GROUP BY ALL
        )
        SELECT * REPLACE (
            upper(trim(currency)) AS currency, timezone('UTC', start) AS start,
            timezone('UTC', coalesce(stop, start + INTERVAL 1 MONTH)) AS stop,
            timezone('UTC', last_charge) AS last_charge
        ) FROM grouped
    """  # noqa: S608


def _finding(bill: Bill, row: dict[str, Any]) -> Finding:
    return Finding(
        bill.original(row["x_file"]),
        Path(row["x_file"]),
        row["account"],
        row["issuer"],
        row["currency"],
        _utc(row["start"]),
        _utc(row["stop"]),
        row["rows"],
        row["first_row"],
        _utc(row["last_charge"]),
    )


def _remember_starts(shape: Shape, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        if row["start"] is not None and row["raw_start"] is not None:
            shape.starts.setdefault(Period.of(row["start"]), set()).add(row["raw_start"])


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _at(file: SourceFile, row: int) -> str:
    """A row of a file; of a CSV as a spreadsheet or an editor counts it, too."""
    header = "" if file.path.suffix == ".parquet" else f" ({row + 1:,} with the header)"
    return f"{file.path}, row {row:,}{header}"


def _refuse_bad_values(bill: Bill, shape: Shape, rows: Sequence[dict[str, Any]]) -> None:
    bad = [name for kind, name in _counters(shape) if kind == "bad" and any(r[f"bad:{name}"] for r in rows)]
    if not bad:
        return
    columns = {c.name: c for c in normalise.READ}
    firsts = [_first_bad(bill, shape, columns[name]) for name in bad]
    file, number, name, value = min(firsts, key=lambda f: (str(f[0].path), f[1]))
    raise InputError(
        f"{_at(file, number)}: {name} is {value!r}, which is {_WHAT[columns[name].kind]}; "
        "nothing was loaded, fetch the file again or correct that row"
    )


def _first_bad(bill: Bill, shape: Shape, column: Column) -> tuple[SourceFile, int, str, str]:
    name = shape.header.columns[column.name]
    value = normalise.conversion(column, name, shape.types[name])
    row = bill.place.engine.run(
        f"SELECT x_file, file_row_number, {raw_value(name)} FROM {shape.raw()} "  # noqa: S608 - our own names
        f"WHERE {_bad(shape, column, quote(name), value)} ORDER BY x_file, file_row_number LIMIT 1"
    )[0]
    return bill.original(row[0]), row[1] + 1, column.name, row[2]


def _refuse_missing(findings: Iterable[Finding]) -> None:
    for f in findings:
        for name, value in (
            ("BillingPeriodStart", f.start),
            ("BillingCurrency", f.currency),
            ("BillingAccountId", f.account),
        ):
            if value is None:
                raise InputError(
                    f"{_at(f.file, f.first_row + 1)}: {name} is empty, which FOCUS forbids; "
                    "nothing was loaded, fetch the file again"
                )


def _refuse_other_period(findings: Iterable[Finding]) -> None:
    for f in findings:
        if f.file.period is not None and f.file.period != f.period:
            raise InputError(
                f"{f.file.path} lies in the folder of {f.file.period}, but its row {f.first_row + 1:,} is of "
                f"{f.period}; put the file where it belongs"
            )


def _refuse_mixed_currency(findings: Iterable[Finding]) -> None:
    """Accounts may bill in currencies of their own, and so may issuers of one account; one issuer's bill may not."""
    bills: dict[tuple[Any, ...], list[Finding]] = defaultdict(list)
    for f in findings:
        bills[f.account, f.issuer, f.start].append(f)
    for members in bills.values():
        first, *others = sorted(members, key=lambda f: (str(f.file.path), f.first_row))
        other = next((f for f in others if f.currency != first.currency), None)
        if other is not None:
            raise InputError(
                f"{_at(other.file, other.first_row + 1)}: the currency changes from {first.currency} to "
                f"{other.currency} within the bill of account {other.account} for {other.period}; "
                "nothing was loaded, fetch the file again"
            )


def _refuse_two_ends(findings: Iterable[Finding]) -> None:
    seen: dict[tuple[Any, ...], Finding] = {}
    for f in findings:
        other = seen.setdefault((f.account, f.issuer, f.period), f)
        if (other.start, other.end) != (f.start, f.end):
            raise InputError(
                f"{other.file.path} and {f.file.path} disagree on the billing period {f.period} of account "
                f"{f.account}: {_span(other)} and {_span(f)}; fetch both again"
            )


def _span(finding: Finding) -> str:
    return f"{finding.start:%Y-%m-%d} to {finding.end:%Y-%m-%d}"

"""The rows of a FOCUS file as SQL: the columns of its version, and how each kind of value is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infragod.focus import BASES, Kind, Period
from infragod.lake.normalise import Mend, mends
from infragod.lake.tables import literal, quote
from infragod.report.export.versions import Field, Version

FILLS: Final = Path(__file__).parent.parent.parent / "sql" / "export"

_DECIMAL = "rtrim(rtrim(CAST({0} AS VARCHAR), '0'), '.')"
CSV: Final[dict[Kind, str]] = {
    Kind.TEXT: "nullif({0}, '')",
    Kind.JSON: "nullif({0}, '')",
    Kind.TAGS: "CAST(to_json({0}) AS VARCHAR)",
    Kind.TIME: "strftime(timezone('UTC', {0}), '%Y-%m-%dT%H:%M:%SZ')",
    Kind.MONEY: _DECIMAL,
    Kind.QUANTITY: _DECIMAL,
}
"""A value as text: every digit that counts and no exponent, whole seconds of UTC, tags as a JSON object."""
PARQUET: Final[dict[Kind, str]] = {
    Kind.TEXT: "nullif({0}, '')",
    Kind.JSON: "nullif({0}, '')",
    Kind.TAGS: "CAST(to_json({0}) AS VARCHAR)",
    Kind.TIME: "{0}",
    Kind.MONEY: "{0}",
    Kind.QUANTITY: "{0}",
}
"""A value in its own type; tags are text, for FOCUS has them as JSON and its validator reads no map."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows: of some months, of one source; None is all of them."""

    first: Period | None = None
    last: Period | None = None
    source: str | None = None

    def where(self) -> str:
        """The condition."""
        conditions = [f"x_billing_period >= {literal(str(self.first))}"] if self.first else []
        conditions += [f"x_billing_period <= {literal(str(self.last))}"] if self.last else []
        conditions += [f"x_source = {literal(self.source)}"] if self.source else []
        return " AND ".join(conditions) or "true"


def fills(version: Version) -> tuple[Mend, ...]:
    """What is filled where a bill left it empty and the version demands it."""
    there = {f.column.name for f in version.columns}
    return tuple(m for m in mends(FILLS) if m.column in there)


def rows(version: Version, choice: Choice, kinds: dict[Kind, str], kept: Collection[str]) -> str:
    """A SELECT of the file's rows; of the columns that the version lacks, those `kept` are `x_…`."""
    filled = {m.column: m.expression for m in fills(version)}
    items = ", ".join(
        f"{kinds[f.column.kind].format(filled.get(f.column.name, quote(f.column.name)))} AS {quote(f.name)}"
        for f in version.fields(kept)
    )
    return f"SELECT {items} FROM cost WHERE {choice.where()}"  # noqa: S608 - our own columns


def survey(version: Version, choice: Choice) -> str:
    """A row a currency: rows, the sum of each basis, and how many rows each remark concerns."""
    known = fills(version)
    demanded = [f for f in version.columns if f.demanded]
    counts = {f"fill:{m.title}": f"count(CASE WHEN {quote(m.column)} IS NULL THEN {m.expression} END)" for m in known}
    counts |= {f"empty:{f.name}": f"count(*) - count({_filled(f, known)})" for f in demanded}
    counts |= {f"later:{c.name}": _lost(c.name) for c in version.later}
    sums = {basis: f"sum({quote(column)})" for basis, column in BASES.items()}
    items = ", ".join(f"{sql} AS {quote(name)}" for name, sql in (sums | counts).items())
    return (
        f'SELECT "BillingCurrency" AS currency, count(*) AS rows, {items} FROM cost '  # noqa: S608 - our own columns
        f"WHERE {choice.where()} GROUP BY 1 ORDER BY 1"
    )


def _filled(field: Field, known: Sequence[Mend]) -> str:
    return next((m.expression for m in known if m.column == field.column.name), quote(field.column.name))


def _lost(name: str) -> str:
    """Rows with a value that the version has no place for; the provider's name has one unless there are two."""
    if name == "ServiceProviderName":
        return 'count_if("ServiceProviderName" <> "x_ProviderName")'
    return f"count({quote(name)})"

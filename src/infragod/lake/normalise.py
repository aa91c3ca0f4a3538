"""From a file's columns to the lake's: FOCUS 1.4 names and types, the mends of `sql/normalise/*.sql`, the owners."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from infragod.focus import COST_COLUMNS, Column, Kind
from infragod.lake.tables import PARTITION_BY, quote

VERSION: Final = "1"
"""Part of every load's id: raise it when the same file would be normalised otherwise."""

FOLDER: Final = Path(__file__).parent.parent / "sql" / "normalise"
OWNERS: Final = ("x_team", "x_service", "x_environment", "x_cost_centre")
OWNER_COLUMNS: Final = (*OWNERS, "x_owner_by")
PLACE: Final = ("workspace", "module", "repository")
PLACE_COLUMNS: Final = tuple(f"x_terraform_{name}" for name in PLACE)
_OF_LOAD: Final = (*PARTITION_BY, "x_load_id", *OWNER_COLUMNS, *PLACE_COLUMNS)

CHARGED_AT: Final = 'coalesce("ChargePeriodStart", "BillingPeriodStart")'
"""When a row was charged, for the question whose its resource was then."""

READ: Final = tuple(c for c in COST_COLUMNS if c.name not in _OF_LOAD)
"""The columns that come from the file."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A gap of conformance that is mended: the column, and the expression that takes its place."""

    title: str
    column: str
    why: str
    expression: str

    @property
    def fills(self) -> bool:
        """Whether it only puts a value where there is none."""
        return self.expression.startswith(f"coalesce({quote(self.column)},")


@cache
def mends(folder: Path = FOLDER) -> tuple[Mend, ...]:
    """Every mend of `folder`, a file each."""
    return tuple(_mend(path) for path in sorted(folder.glob("*.sql")) if path.name != "macros.sql")


def macros() -> str:
    """The statements that make the conversion macros."""
    return (FOLDER / "macros.sql").read_text(encoding="utf-8")


def typed(columns: Mapping[str, str], types: Mapping[str, str], relation: str, extra: str) -> str:
    """A SELECT over `relation` with every column of ``READ`` in its type; `columns` says what the file calls them."""
    items = [
        f"{conversion(c, columns[c.name], types[columns[c.name]])} AS {quote(c.name)}"
        if c.name in columns
        else f"NULL::{c.sql_type} AS {quote(c.name)}"
        for c in READ
    ]
    return f"SELECT {', '.join(items)}, {extra} FROM {relation}"  # noqa: S608


def conversion(column: Column, name: str, sql_type: str) -> str:
    """The macro call that turns the file's column `name` of `sql_type` into what `column` holds."""
    return f"{column.kind}_of_{family(column.kind, sql_type)}({as_read(name, sql_type)})"


def as_read(name: str, sql_type: str) -> str:
    """The file's column `name`; JSON is read as the text that it is."""
    return f"CAST({quote(name)} AS VARCHAR)" if sql_type == "JSON" else quote(name)


def family(kind: Kind, sql_type: str) -> str:
    """How a file's type is read as `kind`; empty where it cannot be."""
    if sql_type.endswith("[]") and kind is not Kind.JSON:
        return "entries" if kind is Kind.TAGS and sql_type.startswith("STRUCT") else ""
    return next((f for prefix, f in _FAMILIES[kind] if sql_type.startswith(prefix)), "")


_TEXT: Final = (("VARCHAR", "text"), ("JSON", "text"))
_INTEGERS: Final = (
    "BIGINT",
    "INTEGER",
    "SMALLINT",
    "TINYINT",
    "HUGEINT",
    "UBIGINT",
    "UINTEGER",
    "USMALLINT",
    "UTINYINT",
)
_NUMBERS: Final = (
    *_TEXT,
    ("DOUBLE", "float"),
    ("FLOAT", "float"),
    *((name, "number") for name in ("DECIMAL", *_INTEGERS, '"NULL"')),
)
_INSTANTS: Final = (("TIMESTAMP WITH TIME ZONE", "instant"), ("TIMESTAMPTZ", "instant"))
_FAMILIES: Final[dict[Kind, tuple[tuple[str, str], ...]]] = {
    Kind.TEXT: (*_TEXT, ("STRUCT", ""), ("MAP", ""), ("", "other")),
    Kind.JSON: (("VARCHAR[]", "nested"), *_TEXT, ("", "nested")),
    Kind.TAGS: (*_TEXT, ("MAP", "map"), ("STRUCT", "nested")),
    Kind.TIME: (*_TEXT, *_INSTANTS, ("TIMESTAMP", "local"), ("DATE", "date"), ('"NULL"', "date")),
    Kind.MONEY: _NUMBERS,
    Kind.QUANTITY: _NUMBERS,
}


def mended(relation: str, needed: Collection[str]) -> str:
    """A SELECT over the typed `relation` with the mends in place whose titles are `needed`."""
    items = ", ".join(f"{m.expression} AS {quote(m.column)}" for m in mends() if m.title in needed)
    return f"SELECT *{f' REPLACE ({items})' if items else ''} FROM {relation}"  # noqa: S608


def placed(relation: str, *, joined: bool) -> str:
    """A SELECT over the mended `relation` with what Terraform's states call each row; see `lake.join`."""
    if not joined:
        nulls = ", ".join(f"NULL::VARCHAR AS {quote(n)}" for n in PLACE_COLUMNS)
        return f"SELECT *, {nulls} FROM {relation}"  # noqa: S608
    places = ", ".join(f"m.{name} AS {quote(column)}" for name, column in zip(PLACE, PLACE_COLUMNS, strict=True))
    owners = ", ".join(f"m.{quote(_estate(n))}" for n in OWNERS)
    return (
        f"SELECT b.* REPLACE (coalesce(m.address, b.x_terraform_address) AS x_terraform_address), {places}, {owners} "  # noqa: S608
        f'FROM {relation} AS b LEFT JOIN terraform_match AS m ON m.id = b."ResourceId" '
        f"AND {CHARGED_AT} >= m.since AND {CHARGED_AT} < m.until"
    )


def owned(relation: str, owners: Mapping[str, str], load_id: str, *, joined: bool = False) -> str:
    """A SELECT over the placed `relation` with owners and the load's id: the columns as they are stored.

    How the owner is known is told one level above the owner, so that no rule is evaluated twice. What the rules leave
    open, the tags of the resource's state fill.
    """
    inner = ", ".join(f"{sql} AS {quote(n)}" for n, sql in owners.items() if n != "x_owner_by")
    ours = {"x_owner_by": owners["x_owner_by"], "x_load_id": f"'{load_id}'"}
    if joined:
        ours |= {n: f"coalesce({quote(n)}, {quote(_estate(n))})" for n in OWNERS}
        by = f"CASE WHEN {quote(_estate('x_team'))} IS NOT NULL THEN 'terraform' END"
        ours["x_owner_by"] = f"coalesce({ours['x_owner_by']}, {by})"
    stored = [c.name for c in COST_COLUMNS if c.name not in PARTITION_BY]
    items = (f"{ours[n]} AS {quote(n)}" if n in ours else quote(n) for n in stored)
    return f"SELECT {', '.join(items)} FROM (SELECT *, {inner} FROM {relation})"  # noqa: S608


def stored(rows: str, owners: Mapping[str, str], load_id: str, *, joined: bool) -> str:
    """A SELECT of the columns as they are stored, over the mended relation `rows`."""
    return owned(f"({placed(rows, joined=joined)})", owners, load_id, joined=joined)


def stored_again(relation: str, *, placed_before: bool) -> str:
    """A SELECT over stored rows as they came from their file: without what a load adds."""
    if not placed_before:
        return f"SELECT * EXCLUDE ({', '.join(('x_load_id', *OWNER_COLUMNS))}) FROM {relation}"  # noqa: S608
    gone = ", ".join(("x_load_id", *OWNER_COLUMNS, *PLACE_COLUMNS))
    address = "CASE WHEN x_terraform_workspace IS NULL THEN x_terraform_address END"
    return f"SELECT * EXCLUDE ({gone}) REPLACE ({address} AS x_terraform_address) FROM {relation}"  # noqa: S608


def _estate(name: str) -> str:
    """What the join calls the owner that a state's tags name: `estate_team` for `x_team`."""
    return name.replace("x_", "estate_", 1)


def _mend(path: Path) -> Mend:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = tomllib.loads("\n".join(line[3:] for line in lines if line.startswith("-- ")))
    body = "\n".join(line for line in lines if not line.startswith("-- "))
    return Mend(header["title"], header["column"], header["why"], body)

"""The lake's tables: their columns, how they are partitioned, and how they look to Delta Lake and to DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infragod.focus import COST_COLUMNS, SQL_TYPES, Column, Kind

if TYPE_CHECKING:
    from deltalake import Schema

PARTITION_BY: Final = ("x_source", "x_billing_period")

_DELTA_TYPES: Final[dict[str, str]] = {
    "VARCHAR": "string",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "DECIMAL(38,12)": "decimal(38,12)",
    "DECIMAL(38,15)": "decimal(38,15)",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, what a row is, its columns; every table is partitioned by source and billing period."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that stand in the files; the partition's are in the folder's name alone."""
        return tuple(c for c in self.columns if c.name not in PARTITION_BY)

    def empty(self) -> str:
        """A SELECT with every column and no row."""
        return f"SELECT {', '.join(f'NULL::{c.sql_type} AS {quote(c.name)}' for c in self.columns)} LIMIT 0"

    def delta_schema(self) -> Schema:
        """The schema in Delta's terms; all may be NULL, since unknown is a value."""
        from deltalake import Field, Schema
        from deltalake.schema import MapType, PrimitiveType

        tags = MapType(PrimitiveType("string"), PrimitiveType("string"), value_contains_null=True)
        return Schema(
            [
                Field(c.name, tags if c.kind is Kind.TAGS else PrimitiveType(_DELTA_TYPES[SQL_TYPES[c.kind]]))
                for c in self.columns
            ]
        )


TABLES: Final[dict[str, Table]] = {
    "cost": Table("cost", "a charge of a bill, as its provider stated it, with its owner", COST_COLUMNS),
}


def quote(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as an SQL string, for the places that take no parameter (COPY, CREATE VIEW)."""
    return "'" + text.replace("'", "''") + "'"

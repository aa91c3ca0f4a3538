"""The page docs/reference/database.md, written from the tables themselves."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite

from infragod.db.base import version
from infragod.db.revision import HEAD
from infragod.db.schema import whole

_HEAD: Final = f"""# Tables of the database

What people decide is kept in one database: SQLite in `$INFRAGOD_HOME/infragod.db`, or PostgreSQL by
`INFRAGOD_DATABASE_URL`. These are its tables at schema `{HEAD}`; `infragod doctor` says which one yours has, and
`infragod doctor --upgrade` brings it up to date. Money is exact: NUMERIC on PostgreSQL, decimal text on SQLite. Moments
are UTC. Bills are not here but in the lake.
"""


def page() -> str:
    """The whole page."""
    tables = [table for table in whole().sorted_tables if table is not version]
    return "\n".join([_HEAD, *(_section(table) for table in sorted(tables, key=lambda t: t.name))])


def _section(table: Table) -> str:
    rows = "\n".join(_row(column) for column in table.columns)
    about = table.info.get("row", "")
    return f"""## {table.name}

{f"A row: {about}." if about else ""}

| column | PostgreSQL | SQLite | null | key |
|---|---|---|---|---|
{rows}
""".replace("\n\n\n\n", "\n\n")


def _row(column: Column[object]) -> str:
    types = [column.type.compile(dialect=dialect.dialect()) for dialect in (postgresql, sqlite)]
    targets = [f"→ {key.target_fullname}" for key in column.foreign_keys]
    keys = ["primary"] * column.primary_key + ["unique"] * bool(column.unique) + targets
    return f"| `{column.name}` | {types[0]} | {types[1]} | {'yes' if column.nullable else ''} | {', '.join(keys)} |"

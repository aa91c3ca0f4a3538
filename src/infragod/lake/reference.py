"""The reference of the lake's tables, made from the code that defines them: docs/reference/lake.md."""

from __future__ import annotations

from collections.abc import Iterator

from infragod.focus import Column
from infragod.lake.normalise import mends
from infragod.lake.tables import PARTITION_BY, TABLES, Table

OURS = {
    "x_ProviderName": "ProviderName of FOCUS 1.0 to 1.3",
    "x_PublisherName": "PublisherName of FOCUS 1.0 to 1.3",
    "x_source": "the name that the bill was loaded as; partition",
    "x_billing_period": "YYYY-MM of BillingPeriodStart in UTC; partition",
    "x_load_id": "hash of the period's files, and of the owners that rules and states give",
    "x_team": "owner, from the ownership rules",
    "x_service": "service, from the ownership rules",
    "x_environment": "environment, from the ownership rules",
    "x_cost_centre": "cost centre, from the ownership rules",
    "x_owner_by": "the kind of rule that gave the team: tag, account, resource or terraform; NULL: unowned",
    "x_terraform_address": "address of the resource in its Terraform state, by the join; else as the file brings it",
    "x_terraform_workspace": "workspace whose state held the resource when it was charged; NULL: no state knows it",
    "x_terraform_module": "module of that address; empty: the root module",
    "x_terraform_repository": "repository of that workspace",
}

_HEAD = """\
# The lake

Made by `infragod.lake.reference`; do not edit.

The lake is a folder of Delta Lake tables, `$INFRAGOD_HOME/lake`. Every table is partitioned by
`x_source` and `x_billing_period`, and a load replaces whole partitions in one commit. Columns follow FOCUS 1.4
(https://focus.finops.org/, CC BY 4.0); ours begin with `x_`. Times are UTC. Any column may be NULL where the
provider left it empty, even one that FOCUS wants filled: unknown is not zero.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for table in TABLES.values() for line in _table(table)), *_mends()])


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"A row is {table.row}.\n"
    yield "| column | type | since | note |"
    yield "|---|---|---|---|"
    yield from (f"| {c.name} | {c.sql_type} | {_since(c)} | {_note(c)} |" for c in table.columns)
    yield ""


def _since(column: Column) -> str:
    return "ours" if column.name in OURS else f"FOCUS {column.since}"


def _note(column: Column) -> str:
    if column.name in OURS:
        return OURS[column.name]
    return "mandatory" if column.mandatory and column.name not in PARTITION_BY else ""


def _mends() -> Iterator[str]:
    yield "## What a load mends\n"
    yield "The load says how many rows each of these concerned. Nothing else of a bill is changed.\n"
    yield "| column | mend | why |"
    yield "|---|---|---|"
    yield from (f"| {m.column} | {m.title} | {m.why} |" for m in mends())
    yield ""

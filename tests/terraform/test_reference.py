"""docs/reference/plan-tables.md says of each column what it is."""

from __future__ import annotations

from infragod.resource import PLAN_TABLES
from infragod.terraform.reference import COLUMNS, TABLES


def test_every_column_is_told() -> None:
    assert {t: list(c) for t, c in COLUMNS.items()} == {t: list(c) for t, c in PLAN_TABLES.items()}
    assert list(TABLES) == list(PLAN_TABLES)

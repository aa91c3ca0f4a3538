"""docs/reference/plan-tables.md says of each column what it is."""

from __future__ import annotations

from pathlib import Path

from infragod.resource import PLAN_TABLES
from infragod.terraform.reference import COLUMNS, TABLES, plan_tables

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "plan-tables.md"


def test_every_column_is_told() -> None:
    assert {t: list(c) for t, c in COLUMNS.items()} == {t: list(c) for t, c in PLAN_TABLES.items()}
    assert list(TABLES) == list(PLAN_TABLES)


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == plan_tables(), "run `make docs`"

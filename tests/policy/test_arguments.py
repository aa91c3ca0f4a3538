"""Values of rules in their SQL: scalars as literals of the type that the driver would give them, texts never as SQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from infragod.policy import arguments, rules

HEAD = """\
-- id = "x"
-- title = "t"
-- why = "w"
-- level = "mandatory"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "m"
-- [parameters.limit]
-- type = "text"
-- default = "five"
-- help = "h"
"""
TODAY = date(2026, 11, 22)
ENGINE = duckdb.connect()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, '"NULL"'),
        (True, "BOOLEAN"),
        (-3, "INTEGER"),
        (5_000_000_000, "BIGINT"),
        (Decimal(100), "DECIMAL(3,0)"),
        (Decimal("1E+2"), "DECIMAL(3,0)"),
        (Decimal("0.50"), "DECIMAL(2,2)"),
        (Decimal("-12345.678900"), "DECIMAL(11,6)"),
        ("it's", "VARCHAR"),
        (TODAY, "DATE"),
    ],
)
def test_a_literal_is_what_a_parameter_would_be(value: Any, kind: str) -> None:
    bound = ENGINE.execute("SELECT $v, TYPEOF($v)", {"v": value}).fetchone()
    literal = arguments._literal(value)
    assert ENGINE.execute(f"SELECT {literal}, TYPEOF({literal})").fetchone() == bound == (value, kind)


@hypothesis_settings(deadline=None, max_examples=100)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_text_stays_a_text(text: str) -> None:
    assert ENGINE.execute(f"SELECT {arguments._literal(text)}").fetchone() == (text,)


SQL = """
SELECT r.address, r.type = $limit AS violation, 'costs $limit, it''s $limit' AS message
FROM resource AS r -- $limit
WHERE r.name <> CAST($today AS VARCHAR)"""
FILLED = """\
SELECT * FROM (
SELECT r.address, r.type = CAST('$limit' AS VARCHAR) AS violation, 'costs $limit, it''s $limit' AS message
FROM resource AS r -- $limit
WHERE r.name <> CAST(CAST('2026-11-22' AS DATE) AS VARCHAR)
) WHERE violation IS NOT FALSE"""


def test_only_what_is_no_text_or_remark_is_replaced(tmp_path: Path) -> None:
    rule = rules.with_settings(rules.read(HEAD + SQL, "x", tmp_path), {"limit": "$limit"}, "settings")
    assert [line for line in arguments.statement(rule, TODAY).splitlines() if line] == FILLED.splitlines()

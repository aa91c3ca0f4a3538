"""A floating point amount becomes the shortest decimal that gives it; a mend is a file with a header."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infragod.focus import COST_COLUMNS, Kind
from infragod.lake.normalise import family, macros, mends

DUCKDB = duckdb.connect()
DUCKDB.execute(macros())


@pytest.mark.parametrize(("macro", "scale"), [("money_of_float", 12), ("quantity_of_float", 15)])
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.decimals(-10_000_000, 10_000_000, places=6),
            st.decimals(-1000, 1000, places=12),
            st.decimals(-1, 1, places=15),
            st.decimals(-1_000_000_000_000, 1_000_000_000_000, places=2),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_written_decimals_come_back(macro: str, scale: int, written: list[Decimal]) -> None:
    floats = [float(d) for d in written]
    rows = DUCKDB.execute(f"SELECT {macro}(x) FROM (SELECT unnest(?::DOUBLE[]) AS x)", [floats]).fetchall()
    for (kept,), number in zip(rows, floats, strict=True):
        shortest = Decimal(repr(number))
        assert abs(kept - shortest) <= Decimal(1).scaleb(-scale)
        if -shortest.as_tuple().exponent <= scale:  # type: ignore[operator]
            assert kept == shortest.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


def test_every_mend_concerns_a_column_of_the_lake() -> None:
    names = {c.name for c in COST_COLUMNS}
    assert len(mends()) == 11
    assert all(m.column in names and m.title.startswith(m.column) and m.why for m in mends())


@pytest.mark.parametrize(
    ("kind", "sql_type", "expected"),
    [
        (Kind.TAGS, 'STRUCT("key" VARCHAR, "value" VARCHAR)[]', "entries"),
        (Kind.TAGS, "VARCHAR[]", ""),
        (Kind.TAGS, "BOOLEAN", ""),
        (Kind.JSON, "VARCHAR[]", "nested"),
        (Kind.TEXT, "BIGINT", "other"),
        (Kind.TEXT, "STRUCT(a INTEGER)", ""),
        (Kind.MONEY, "BOOLEAN", ""),
        (Kind.QUANTITY, "UINTEGER", "number"),
        (Kind.TIME, "DATE", "date"),
        (Kind.TIME, "TIMESTAMP_NS", "local"),
        (Kind.TIME, "TIMESTAMP WITH TIME ZONE", "instant"),
    ],
)
def test_how_a_type_is_read(kind: Kind, sql_type: str, expected: str) -> None:
    assert family(kind, sql_type) == expected

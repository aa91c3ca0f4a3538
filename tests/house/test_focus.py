"""The nouns of money."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.errors import InputError
from infragod.focus import COST_COLUMNS, FOCUS_COLUMNS, Kind, Period, exact, money, unit_price


def test_columns_are_named_once() -> None:
    names = [c.name for c in COST_COLUMNS]
    assert len(names) == len(set(names))


@pytest.mark.shared
def test_columns_are_those_of_focus_1_4(shared: Path) -> None:
    with (shared / "facts" / "focus_columns.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["dataset"] == "Cost and Usage"]
    assert [(c.name, c.since, c.mandatory, c.nullable) for c in FOCUS_COLUMNS] == [
        (r["column"], r["introduced"], r["feature_level"] == "Mandatory", r["allows_nulls"] == "True") for r in rows
    ]
    decimals = {c.name for c in FOCUS_COLUMNS if c.kind in (Kind.MONEY, Kind.QUANTITY)}
    assert decimals == {r["column"] for r in rows if r["data_type"] == "Decimal"}


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(-1000, 1000))
def test_periods_count_forth_and_back(day: date, months: int) -> None:
    period = Period.of(day)
    assert Period.parse(str(period)) == period
    if 1 <= (period.year * 12 + period.month - 1 + months) // 12 <= 9999:
        assert period.plus(months).plus(-months) == period


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-10", "2026-1", "October", "2026-10-01", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no month; write it as YYYY-MM"):
        Period.parse(text)


def test_period_tells_its_days_and_name() -> None:
    assert (Period(2024, 2).days, Period(2026, 12).days, Period(2026, 10).title) == (29, 31, "October 2026")
    assert Period(2025, 12) < Period(2026, 1)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**20), max_value=10**20))
def test_exact_keeps_every_digit(amount: Decimal) -> None:
    assert Decimal(exact(amount)) == amount
    assert len(exact(amount).partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("amount", "currency", "plus", "text"),
    [
        ("1204.1", "USD", False, "$1,204.10"),
        ("-3", "EUR", False, "-€3.00"),
        ("5", "USD", True, "+$5.00"),
        ("0", "USD", True, "$0.00"),
        ("-0.001", "USD", True, "$0.00"),
        ("12", "SEK", False, "SEK 12.00"),
    ],
)
def test_money_for_people(amount: str, currency: str, *, plus: bool, text: str) -> None:
    assert money(Decimal(amount), currency, plus=plus) == text


def test_unit_prices_show_all_their_decimals() -> None:
    assert [unit_price(Decimal(p)) for p in ("4", "0.023", "2E-7")] == ["$4.00", "$0.023", "$0.0000002"]

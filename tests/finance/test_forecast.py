from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infragod.finance.forecast import Parts, forecast, month_by_team
from infragod.focus import COST_COLUMNS, Period
from infragod.lake.engine import Engine

SEPTEMBER, OCTOBER, NOVEMBER = Period(2026, 9), Period(2026, 10), Period(2026, 11)
MID_OCTOBER = date(2026, 10, 20)


@dataclass
class Bill:
    """Rows of the `cost` table, made by hand."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, day: date, cost: str, *, days: int = 1, period: Period | None = None, **columns: Any) -> None:
        row: dict[str, object] = {
            "x_team": "a",
            "x_source": "aws",
            "x_billing_period": str(period or Period.of(day)),
            "BillingCurrency": "USD",
            "ChargeCategory": "Usage",
            "ChargeFrequency": "Usage-Based",
            "ServiceName": "compute",
            "SkuId": "1",
            "ChargePeriodStart": f"{day} 00:00:00+00",
            "ChargePeriodEnd": f"{day + timedelta(days=days)} 00:00:00+00",
            "EffectiveCost": Decimal(cost),
            "BilledCost": Decimal(cost) * 2,
        }
        self.rows.append(row | columns)

    def daily(self, first: date, last: date, cost: str, **columns: Any) -> None:
        for n in range((last - first).days + 1):
            self.add(first + timedelta(days=n), cost, **columns)

    def load(self, engine: Engine) -> Engine:
        columns = {c.name: [row.get(c.name) for row in self.rows] for c in COST_COLUMNS}
        engine.load("cost", {c.name: c.sql_type for c in COST_COLUMNS}, columns)
        return engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.scratch() as opened:
        yield opened


@pytest.fixture
def bill() -> Bill:
    return Bill()


def test_an_empty_lake_tells_nothing(engine: Engine, bill: Bill) -> None:
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER) == {}
    assert month_by_team(engine, OCTOBER, MID_OCTOBER, teams=["a"]) == {"a": (None, None)}


def test_daily_charges_go_on_at_the_rate_of_two_weeks(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), date(2026, 10, 17), "10")
    bill.daily(date(2026, 10, 18), MID_OCTOBER, "2")  # not complete yet
    found = month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER)
    assert found == {"a": (Decimal(176), Decimal(310))}


def test_the_last_day_a_source_knows_is_not_complete(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), date(2026, 10, 9), "10")
    bill.add(date(2026, 10, 10), "1")
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER)["a"] == (Decimal(91), Decimal(310))


def test_each_source_is_late_in_its_own_way(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), MID_OCTOBER, "10")
    bill.daily(date(2026, 9, 1), date(2026, 9, 30), "1", x_source="gcp")
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER)["a"] == (Decimal(200), Decimal(341))


def test_the_rate_reaches_into_the_month_before(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 9, 1), date(2026, 9, 30), "10")
    bill.daily(date(2026, 10, 1), date(2026, 10, 3), "24")
    # by 5 October, 1 and 2 October are settled: (2 x 24 + 12 x 10) / 14 = 12 a day for the 29 days that are not
    assert month_by_team(bill.load(engine), OCTOBER, date(2026, 10, 5))["a"] == (Decimal(72), Decimal(48 + 29 * 12))


def test_more_than_expected_is_not_made_less(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), date(2026, 10, 27), "1")
    bill.add(date(2026, 10, 30), "500")
    assert month_by_team(bill.load(engine), OCTOBER, date(2026, 10, 30))["a"] == (Decimal(527), Decimal(527))


def test_too_few_days_tell_nothing(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), date(2026, 10, 2), "10")
    assert month_by_team(bill.load(engine), OCTOBER, date(2026, 10, 4))["a"] == (Decimal(20), None)


def test_what_happens_once_is_counted_once(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), MID_OCTOBER, "10")
    bill.add(date(2026, 10, 2), "1000", ChargeCategory="Purchase", ChargeFrequency="One-Time")
    bill.add(date(2026, 10, 2), "100", ChargeCategory="Purchase", ChargeFrequency=None)
    bill.add(date(2026, 10, 3), "-50", ChargeCategory="Credit", ChargeFrequency="Usage-Based")
    bill.add(date(2026, 10, 4), "7", ChargeCategory="Tax")
    bill.add(date(2026, 9, 4), "3", period=OCTOBER, ChargeClass="Correction")
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER)["a"] == (Decimal(1260), Decimal(1370))


def test_a_fee_is_expected_until_it_is_posted(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 9, 1), MID_OCTOBER, "10")
    bill.add(date(2026, 9, 1), "100", days=30, ChargeCategory="Purchase", ChargeFrequency="Recurring")
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER)["a"] == (Decimal(200), Decimal(410))
    bill.add(date(2026, 10, 1), "120", days=31, ChargeCategory="Purchase", ChargeFrequency="Recurring")
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER)["a"] == (Decimal(320), Decimal(430))


def test_an_hourly_fee_goes_on_day_by_day(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), MID_OCTOBER, "5", ChargeCategory="Purchase", ChargeFrequency="Recurring")
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER)["a"] == (Decimal(100), Decimal(155))


def test_a_month_that_is_over_is_what_it_was(engine: Engine, bill: Bill) -> None:
    bill.add(date(2026, 9, 1), "100", days=30, ChargeCategory="Purchase", ChargeFrequency="Recurring")
    bill.daily(date(2026, 9, 1), date(2026, 10, 31), "10")
    assert month_by_team(bill.load(engine), OCTOBER, date(2026, 11, 22))["a"] == (Decimal(310), Decimal(310))
    # in its first week, the fee may still come
    assert month_by_team(engine, OCTOBER, date(2026, 11, 4))["a"] == (Decimal(310), Decimal(410))


def test_a_month_without_a_bill_is_told_from_the_last(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), date(2026, 10, 31), "10")
    bill.add(date(2026, 10, 1), "100", days=31, ChargeCategory="Purchase", ChargeFrequency="Recurring")
    bill.add(date(2026, 10, 9), "1000", ChargeCategory="Purchase", ChargeFrequency="One-Time")
    bill.load(engine)
    assert month_by_team(engine, NOVEMBER, date(2026, 11, 5), teams=["b"]) == {
        "a": (None, Decimal(400)),
        "b": (None, None),
    }
    assert month_by_team(engine, Period(2027, 2), date(2027, 2, 5)) == {}  # October is too long ago by then


def test_a_team_without_a_charge_in_a_loaded_month_spent_nothing(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), MID_OCTOBER, "10")
    assert month_by_team(bill.load(engine), OCTOBER, MID_OCTOBER, teams=["b"])["b"] == (Decimal(0), Decimal(0))


def test_late_rows_of_the_month_before_do_not_stretch_the_window(engine: Engine, bill: Bill) -> None:
    bill.add(date(2026, 9, 20), "3", period=OCTOBER)
    bill.daily(date(2026, 10, 1), date(2026, 10, 6), "10")
    # five days are settled, and the rate is their mean
    assert month_by_team(bill.load(engine), OCTOBER, date(2026, 10, 7))["a"] == (Decimal(63), Decimal(3 + 50 + 26 * 10))


def test_other_currencies_bases_and_nobodys_money_stay_out(engine: Engine, bill: Bill) -> None:
    bill.daily(date(2026, 10, 1), MID_OCTOBER, "10")
    bill.daily(date(2026, 10, 1), MID_OCTOBER, "99", BillingCurrency="EUR")
    bill.daily(date(2026, 10, 1), MID_OCTOBER, "99", x_team=None)
    bill.load(engine)
    assert month_by_team(engine, OCTOBER, MID_OCTOBER) == {"a": (Decimal(200), Decimal(310))}
    assert month_by_team(engine, OCTOBER, MID_OCTOBER, "BilledCost") == {"a": (Decimal(400), Decimal(620))}
    assert month_by_team(engine, OCTOBER, MID_OCTOBER, currency="EUR")["a"][0] == Decimal(99 * 20)
    with pytest.raises(ValueError, match="is no basis"):
        month_by_team(engine, OCTOBER, MID_OCTOBER, "1; DROP TABLE cost")


def test_only_fees_need_no_days() -> None:
    nothing = Decimal(0)
    parts = Parts(nothing, Decimal(5), Decimal(5), nothing, nothing, nothing, None, None)
    assert forecast(parts, OCTOBER, MID_OCTOBER) == Decimal(5)


_cents = st.integers(0, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))


@given(_cents, _cents, _cents, _cents, _cents, st.integers(3, 60), st.integers(0, 34))
@settings(max_examples=300, deadline=None)
def test_laws(
    once: Decimal, fees: Decimal, settled: Decimal, unsettled: Decimal, window: Decimal, known: int, cut: int
) -> None:
    """Without credits a forecast is never below what was spent, grows with each part, and is exact to 12 decimals."""
    last = date(2026, 10, 1) + timedelta(days=cut)

    def told(unsettled: Decimal, window: Decimal) -> Decimal:
        parts = Parts(once, fees, fees, settled, unsettled, window, last - timedelta(days=known), last)
        found = forecast(parts, OCTOBER, MID_OCTOBER)
        assert found is not None
        return found

    spent = once + fees + settled + unsettled
    assert told(unsettled, window) >= spent
    assert told(unsettled + 1, window) >= told(unsettled, window)
    assert told(unsettled, window + 1) >= told(unsettled, window)
    assert -told(unsettled, window).as_tuple().exponent <= 12  # type: ignore[operator]  # a finite number


@given(st.lists(_cents.filter(bool), min_size=31, max_size=31))
@settings(max_examples=10, deadline=None)
def test_a_whole_month_is_told_to_the_last_decimal(costs: list[Decimal]) -> None:
    bill = Bill()
    for day, cost in enumerate(costs):
        bill.add(date(2026, 10, 1) + timedelta(days=day), str(cost))
    with Engine.scratch() as engine:
        assert month_by_team(bill.load(engine), OCTOBER, date(2026, 11, 10))["a"] == (sum(costs), sum(costs))

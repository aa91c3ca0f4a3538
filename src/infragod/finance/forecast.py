"""What each team has spent in a month, and what the whole month will come to.

    forecast = once + fees + settled + max(unsettled, rate · days that are not settled)
    rate     = charges of the last 14 settled days ÷ those days

Charges are of three kinds, each treated as it behaves. What happens *once* (one-time purchases, credits, taxes,
adjustments, corrections) counts as it stands. *Fees* by the month count as posted or, until a week after the month, as
they were in the month before. *Daily* charges go on: settled days count as billed, all other days at the rate.

A day is settled when it is older than two days and is not the last day that its source knows, unless that ends a month:
providers add to the newest one to three days. Two whole weeks weigh every day of the week alike. The method is the
run rate that the FinOps Framework calls trend-based forecasting (https://www.finops.org/framework/capabilities/forecasting/),
kept by source since each is late in its own way. With fewer than 3 settled days there is nothing to tell from: None.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from importlib.resources import files
from typing import Any, Final

from infragod.focus import Period
from infragod.lake.engine import Engine

NEW_DAYS: Final = 2
WINDOW_DAYS: Final = 14
LEAST_DAYS: Final = 3
LATE_DAYS: Final = 7  # support fees and refunds arrive until then
OLDEST_MONTHS: Final = 3  # a bill older than that says nothing about this month
_EXACT: Final = Context(prec=60)
_SCALE: Final = Decimal("1E-12")
_SQL: Final = files("infragod") / "sql" / "analyse" / "month_by_team.sql"
_BASES: Final = ("EffectiveCost", "BilledCost", "ContractedCost", "ListCost")

Money = tuple[Decimal | None, Decimal | None]
"""Spent so far and forecast for the whole month; None is unknown."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the forecast of one team and one source is made of."""

    once: Decimal
    fees_posted: Decimal
    fees_expected: Decimal
    settled: Decimal
    unsettled: Decimal
    in_window: Decimal
    oldest: date | None
    cut: date | None


def month_by_team(
    engine: Engine,
    period: Period,
    today: date,
    basis: str = "EffectiveCost",
    *,
    currency: str = "USD",
    teams: Collection[str] = (),
) -> dict[str, Money]:
    """Spent and forecast of `period`, by team; `teams` are those that must be in it though they have no charge."""
    if basis not in _BASES:
        raise ValueError(f"{basis} is no basis of cost")
    loaded, previous = _months(engine, period)
    if not loaded and previous is None:
        return dict.fromkeys(teams, (None, None))
    spent: dict[str, Decimal] = {}
    forecasts: dict[str, list[Decimal | None]] = {}
    for row in _rows(engine, period, previous, today, basis, currency):
        spent[row["team"]] = spent.get(row["team"], Decimal(0)) + row["spent"]
        forecasts.setdefault(row["team"], []).append(forecast(_parts(row), period, today))
    nothing = Decimal(0) if loaded else None  # the month is loaded and names no charge of the team: it spent nothing
    return {
        team: (spent.get(team, nothing) if loaded else None, _sum(forecasts.get(team, [nothing])))
        for team in sorted({*spent, *teams})
    }


def forecast(parts: Parts, period: Period, today: date) -> Decimal | None:
    """The whole month of one team and one source; None where too few days are settled to tell from."""
    end = period.plus(1).first_day
    fees = parts.fees_posted if today >= end + timedelta(days=LATE_DAYS) else parts.fees_expected
    known = parts.once + parts.settled + fees
    if parts.cut is None or parts.oldest is None or parts.cut >= end:  # no daily charges, or all of them settled
        return known + parts.unsettled
    days = min(WINDOW_DAYS, (parts.cut - parts.oldest).days)
    if days < LEAST_DAYS:
        return None
    left = (end - max(parts.cut, period.first_day)).days
    to_come = _EXACT.divide(parts.in_window * left, Decimal(days)).quantize(_SCALE, ROUND_HALF_EVEN, _EXACT)
    return known + max(parts.unsettled, to_come)


def _months(engine: Engine, period: Period) -> tuple[bool, Period | None]:
    """Whether the month is loaded, and the newest loaded month shortly before it."""
    sql = "SELECT DISTINCT x_billing_period FROM cost WHERE x_billing_period BETWEEN $first AND $last ORDER BY 1"
    found = engine.run(sql, {"first": str(period.plus(-OLDEST_MONTHS)), "last": str(period)})
    loaded = [Period.parse(row[0]) for row in found]
    before = [month for month in loaded if month < period]
    return period in loaded, before[-1] if before else None


def _rows(
    engine: Engine, period: Period, previous: Period | None, today: date, basis: str, currency: str
) -> Iterator[dict[str, Any]]:
    values = {
        "month": str(period),
        "previous": None if previous is None else str(previous),
        "currency": currency,
        "settled": today - timedelta(days=NEW_DAYS),
        "window": WINDOW_DAYS,
    }
    return engine.stream(_SQL.read_text(encoding="utf-8").replace("{basis}", f'"{basis}"'), values)


def _parts(row: Mapping[str, Any]) -> Parts:
    return Parts(**{name: row[name] for name in Parts.__slots__})


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None

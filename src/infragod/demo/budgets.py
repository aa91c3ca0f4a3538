"""The budgets of the example company: near what each team spends, so that some are nearly or over spent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from infragod.demo import company
from infragod.demo.bill import periods
from infragod.finance import forecast
from infragod.focus import Period
from infragod.lake.engine import Engine

AHEAD: Final = 2  # months after this one that have a budget already
HUNDRED: Final = Decimal(100)
TIGHT: Final = {"data-science": 93, "network": 97, "search": 101, "fraud": 102}
"""Teams whose budget is this per cent of what they will spend: two are over, two nearly."""

PLANNED: Final = {"payments": Decimal(1600), "checkout": Decimal(500)}
"""Teams whose budget leaves less than what their plan adds (a month): the gate has something to say."""

Row = tuple[str, str, Decimal, str]


def rows(engine: Engine, today: date) -> Iterator[Row]:
    """Every budget as (team, month, amount, currency): the months with bills, and some ahead."""
    spent = _spent(engine)
    now = Period.of(today)
    expected = forecast.month_by_team(engine, now, today)
    for team in company.teams():
        for month in periods(today):
            if month != now:
                yield team.name, str(month), _about(spent.get((team.name, month)), _share(team.name, month)), "USD"
        known = expected.get(team.name, (None, None))[1]
        current = _current(team.name, known or spent.get((team.name, now.plus(-1))), today)
        for ahead in range(AHEAD + 1):
            yield team.name, str(now.plus(ahead)), current, "USD"


def _spent(engine: Engine) -> dict[tuple[str, Period], Decimal]:
    sql = "SELECT x_team, x_billing_period, SUM(EffectiveCost) FROM cost WHERE x_team IS NOT NULL GROUP BY ALL"
    return {(team, Period.parse(month)): cost for team, month, cost in engine.run(sql)}


def _current(team: str, expected: Decimal | None, today: date) -> Decimal:
    if expected is not None and team in PLANNED:
        left = Period.of(today).days - today.day + 1
        room = PLANNED[team] * left / Period.of(today).days
        return max(Decimal(10), (expected + room).quantize(Decimal("1E1"))).quantize(Decimal("0.01"))
    return _about(expected, TIGHT.get(team) or _share(team, Period.of(today)))


def _share(team: str, month: Period) -> int:
    """Per cent of what is spent, from 96 to 117; the same on every machine."""
    return 96 + hashlib.sha256(f"{team} {month}".encode()).digest()[0] % 22


def _about(spent: Decimal | None, share: int) -> Decimal:
    amount = (spent or Decimal(0)) * share / 100
    return max(HUNDRED, (amount / HUNDRED).quantize(Decimal(1)) * HUNDRED).quantize(Decimal("0.01"))

"""Budgets as a CSV: team, month (or a range, a quarter, a year, split evenly to the cent), amount, currency."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from infragod.budget.budgets import Budget
from infragod.errors import InputError
from infragod.focus import CENT, Period
from infragod.spreadsheet import Faults, Sheet, amount, near, read

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "team": ("owner_team", "squad"),
    "month": ("period", "months", "year"),
    "amount": ("budget", "value"),
    "currency": ("billing_currency",),
}
HELP: Final[Mapping[str, str]] = {
    "team": "a team of the organisation",
    "month": "2026-10, or what is split evenly: 2026-01..2026-06, 2026-Q1, 2026",
    "amount": "money for the month, or for all months of the range together",
    "currency": "ISO 4217 code; empty: the currency of the settings",
}
_RANGE: Final = re.compile(r"(\d{4}-\d{2})\s*(?:\.\.|/|–|to)\s*(\d{4}-\d{2})")  # noqa: RUF001 - people write the dash
_QUARTER: Final = re.compile(r"(\d{4})-?\s*[Qq]([1-4])")
_YEAR: Final = re.compile(r"\d{4}")
_FIRST_DAY: Final = re.compile(r"(\d{4}-\d{2})-01")
_MOST_MONTHS: Final = 120
_MOST_MONEY: Final = Decimal(10) ** 15


def load(path: Path, teams: Collection[str], currency: str) -> tuple[list[Budget], Sheet]:
    """The budgets in the file; ``InputError`` names every bad row."""
    if not teams:
        raise InputError("there are no teams to give budgets to; bring them first by `infragod org import FILE`")
    sheet = read(path, COLUMNS, ("team", "month", "amount"))
    faults = Faults(sheet.where)
    if not sheet.rows:
        faults.add(2, "team", "the file has no budgets")
    seen: dict[tuple[str, Period], int] = {}
    budgets: list[Budget] = []
    for number, cells in sheet.rows:
        for budget in _row(number, cells, sheet.separator, faults, teams, currency):
            first = seen.setdefault((budget.team, budget.month), number)
            if first == number:
                budgets.append(budget)
            else:
                faults.add(number, "month", f"{budget.team} has a budget for {budget.month} in row {first} already")
                break
    faults.stop()
    return budgets, sheet


def split(total: Decimal, parts: int) -> list[Decimal]:
    """`total` in `parts` that differ by a cent at most and sum to it; the first ones get the remaining cents."""
    cents, rest = divmod(int(total / CENT), parts)
    return [(cents + (1 if part < rest else 0)) * CENT for part in range(parts)]


def months(text: str) -> list[Period]:
    """The months that people mean; ``InputError`` if it can't be told."""
    if match := _RANGE.fullmatch(text):
        return _between(Period.parse(match[1]), Period.parse(match[2]), text)
    if match := _QUARTER.fullmatch(text):
        first = Period(int(match[1]), int(match[2]) * 3 - 2)
        return [first.plus(i) for i in range(3)]
    if _YEAR.fullmatch(text):
        return [Period(int(text), month) for month in range(1, 13)]
    match = _FIRST_DAY.fullmatch(text)  # what spreadsheets make of a month
    return [Period.parse(match[1] if match else text)]


def _between(first: Period, last: Period, text: str) -> list[Period]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 0 < count <= _MOST_MONTHS:
        raise InputError(f"{text!r} ends before it begins, or spans more than {_MOST_MONTHS} months; correct it")
    return [first.plus(i) for i in range(count)]


def _row(
    number: int, cells: Mapping[str, str], separator: str, faults: Faults, teams: Collection[str], currency: str
) -> list[Budget]:
    team, before = cells["team"], len(faults.sentences)
    if team not in teams:
        faults.add(
            number, "team", f"{team!r} is no team of the organisation{near(team, sorted(teams))}; correct or import it"
        )
    if (own := cells.get("currency") or currency) != currency:
        faults.add(number, "currency", f"{own!r} is not {currency}, the currency of the settings; convert the amount")
    span = _months(number, cells["month"], faults)
    total = _amount(number, cells["amount"], separator, faults)
    if len(faults.sentences) > before:
        return []
    return [Budget(team, month, part, currency) for month, part in zip(span, split(total, len(span)), strict=True)]


def _months(number: int, text: str, faults: Faults) -> list[Period]:
    try:
        return months(text)
    except InputError:
        faults.add(number, "month", f"{text!r} is no month; write 2026-10, 2026-01..2026-06, 2026-Q1 or 2026")
        return []


def _amount(number: int, text: str, separator: str, faults: Faults) -> Decimal:
    try:
        value = amount(text, separator)
    except ValueError as error:
        faults.add(number, "amount", f"{error}; write it like 20000 or 20000.00")
        return Decimal(0)
    if value >= _MOST_MONEY:
        faults.add(number, "amount", f"{text!r} is more money than there is; correct it")
    elif value < 0 or value != value.quantize(CENT):
        faults.add(number, "amount", f"{text!r} is negative or finer than a cent; a budget is neither")
    return value

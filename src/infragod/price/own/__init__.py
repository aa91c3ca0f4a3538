"""The company's own rates: what a unit costs it, learnt from its bills, asked before any list price.

`measure` writes one file for each month that is loaded, `$INFRAGOD_HOME/prices/own/<month>.json`; `Rates` reads the
one of the last full month. A rate is of one account. Where the account of a plan is not known, the accounts must agree,
else the highest of their rates counts, and the component says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from infragod.errors import SetupError
from infragod.focus import Period
from infragod.price.sheet import ON_DEMAND, Price, Source
from infragod.resource import OWN_RATE

FOLDER: Final = "prices/own"
OLDEST_MONTHS: Final = 3
"""How many months back a full month may lie; older rates say nothing of today's."""
_WHOLE: Final = Decimal(100)

Name = tuple[str, str, str, str]  # provider, service, region, key


@dataclass(frozen=True, slots=True)
class OwnRate(Source):
    """Where a rate is from: the bills of a month; and how it compares with the list."""

    note: str = ""

    def __str__(self) -> str:
        return f"{OWN_RATE}, {self.date:%B %Y}{self.note}"


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one month."""

    month: Period
    rates: Mapping[Name, Mapping[str, tuple[Decimal, str]]]
    accounts: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    def find(self, name: Name, option: str, account: str, listed: Price | None) -> Price | None:
        """The rate, with how it compares to the listed price; None where the bills have none."""
        by_account = self.rates.get(name) if option == ON_DEMAND else None
        if not by_account:
            return None
        amount, unit, note = _chosen(by_account, account)
        if listed is not None:
            note = _against(amount, listed.amount) + note
        return Price(amount, unit, OwnRate("own", OWN_RATE, self.month.first_day, note))

    def accounts_of(self, workspace: str) -> dict[str, str]:
        """The account that a workspace's resources are billed to, by provider; without those that have several."""
        found = self.accounts.get(workspace, {})
        return {provider: accounts[0] for provider, accounts in found.items() if len(accounts) == 1}


def _chosen(by_account: Mapping[str, tuple[Decimal, str]], account: str) -> tuple[Decimal, str, str]:
    if account in by_account:
        return *by_account[account], ""
    amount, unit = max(by_account.values())
    same = all(price == amount for price, _ in by_account.values())
    return amount, unit, "" if same else f", the highest of {len(by_account)} accounts"


def _against(own: Decimal, listed: Decimal) -> str:
    share = (own - listed) / listed * _WHOLE
    if share == 0:
        return ", as listed"
    size = abs(share)
    shown = f"{size:.0f}" if size >= 1 else f"{size:.1f}" if size >= Decimal("0.1") else "less than 0.1"
    return f", {shown} % {'under' if share < 0 else 'over'} list"


def months(today: date) -> list[Period]:
    """The full months whose rates may count on a day, the newest first."""
    return [Period.of(today).plus(-back) for back in range(1, OLDEST_MONTHS + 1)]


def newest(home: Path, today: date) -> tuple[Path, int] | None:
    """The file of the last full month that is loaded, at most three months back, and when it was written (ns)."""
    for month in months(today):
        path = home / FOLDER / f"{month}.json"
        if path.is_file():
            return path, path.stat().st_mtime_ns
    return None


def read(home: Path, today: date) -> Rates | None:
    """The rates of the last full month that is loaded; None where there is none."""
    found = newest(home, today)
    return _parsed(found[0], Period.parse(found[0].stem)) if found else None


def _parsed(path: Path, month: Period) -> Rates:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        rates: dict[Name, dict[str, tuple[Decimal, str]]] = {}
        for provider, service, region, key, account, price, unit in document["rates"]:
            rates.setdefault((provider, service, region, key), {})[account] = (Decimal(price), unit)
        return Rates(month, rates, document["accounts"])
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise SetupError(f"{path} cannot be read ({error}); write it anew: infragod prices rates --renew") from None

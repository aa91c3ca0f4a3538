"""How pages write figures: Jinja filters over the house's nouns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from infragod.focus import Period, exact, money, unit_price

NONE: Final = "\N{EN DASH}"
VERDICTS: Final = {"allow": "Allowed", "warn": "Warned", "needs_approval": "Approval needed", "deny": "Denied"}


def amount(value: Decimal | str | None, currency: str, *, plus: bool = False) -> str:
    """Money for people, a dash where it is unknown."""
    return NONE if value is None else money(Decimal(value), currency, plus=plus)


def price(value: Decimal | str | None, currency: str) -> str:
    """A unit price with every decimal it has."""
    return NONE if value is None else unit_price(Decimal(value), currency)


def number(value: Decimal | str | int | None) -> str:
    """A quantity with its decimals, thousands apart."""
    if value is None:
        return NONE
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def figure(value: Decimal | None) -> str:
    """A number for the charts: exact decimal text, empty where unknown."""
    return "" if value is None else exact(value)


def share(part: Decimal | None, whole: Decimal | None) -> str:
    """`part` of `whole` in per cent, a dash where that says nothing."""
    if part is None or whole is None or whole <= 0:
        return NONE
    return f"{part / whole * 100:,.1f} %"


def change(now: Decimal | None, before: Decimal | None) -> str:
    """The change in per cent, with its sign; a dash where there is nothing to compare with."""
    if now is None or before is None or before <= 0:
        return NONE
    return f"{(now - before) / before * 100:+,.1f} %".replace("-", "\N{MINUS SIGN}")


def clock(value: datetime | str | None) -> str:
    """A time in UTC, for columns whose head says so."""
    return moment(value).removesuffix(" UTC")


def moment(value: datetime | str | None) -> str:
    """A time, in UTC and saying so."""
    if value is None:
        return NONE
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def month(value: Period | str) -> str:
    """A month as people write it."""
    return (Period.parse(value) if isinstance(value, str) else value).title


def short_month(value: Period | str) -> str:
    """A month for an axis: `Oct 26`."""
    period = Period.parse(value) if isinstance(value, str) else value
    return f"{period.first_day:%b %y}"


def verdict(value: str) -> str:
    """A verdict in words."""
    return VERDICTS.get(value, value)


FILTERS: Final = {
    f.__name__: f for f in (amount, price, number, figure, share, change, clock, moment, month, short_month, verdict)
}

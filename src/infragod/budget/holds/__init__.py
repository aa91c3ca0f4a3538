"""The noun of encumbrance: what a grant holds of a team's budget until the bill, its expiry or its end takes over.

    open      a grant is issued: each team's share of the plan, pro rata to the month's end, resource by resource
    prolong   the apply has begun: the money is spent, and the hold stays until the bill shows it, or the month ends
    release   the grant was withdrawn, replaced or has expired, or what was to be made is not in the state
    give_way  the bill of the month has a resource: its part of the hold ends

All of it is in ``store``; what is summed to a team's open holds is ``budget.store.held``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from infragod.focus import Period

STEP: Final = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Item:
    """A resource's part of a hold; a saving is negative, and counts only against costs of the same plan and team."""

    address: str
    team: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Opening:
    """What a hold is opened for, and until when it lasts by itself; `subject` names whose it is."""

    workspace: str
    month: Period
    currency: str
    subject: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item of an open hold, and the resource id by which the bill will know it, once that is known."""

    number: int
    hold: int
    subject: str
    workspace: str
    address: str
    amount: Decimal
    resource_id: str | None
    month: str = ""
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a subject holds of a team's budget of a month, until when."""

    subject: str
    team: str
    month: str
    amount: Decimal
    currency: str
    until: datetime


def pro_rata(monthly: Decimal, day: date) -> Decimal:
    """The part of a monthly amount that falls between `day`, counted whole, and the month's end."""
    period = Period.of(day)
    return (monthly * (period.days - day.day + 1) / period.days).quantize(STEP, ROUND_HALF_EVEN)


def month_end(day: date) -> datetime:
    """The moment at which a hold of the month of `day` ends by itself."""
    first = Period.of(day).plus(1).first_day
    return datetime(first.year, first.month, 1, tzinfo=UTC)

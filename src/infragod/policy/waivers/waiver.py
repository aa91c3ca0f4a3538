"""A waiver: what of a rule is let pass, where, why, whose it is, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

MOST_DAYS: Final = 180
WARN_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Waiver:
    """`address` and `workspace` are patterns (`*`, `?`); it covers up to the day `until`, included (UTC)."""

    number: int
    rule: str
    address: str
    workspace: str
    reason: str
    owner: str
    author: str
    created_at: datetime
    until: date
    approved_by: str
    ended_at: datetime | None
    ended_by: str

    @property
    def id(self) -> str:
        """How people call it."""
        return f"W{self.number}"

    def state(self, today: date) -> str:
        """`open`, `ending` (in the last days), `expired`, `ended`, or `proposed` where nobody else has agreed."""
        if self.ended_at is not None:
            return "ended"
        if self.until < today:
            return "expired"
        if not self.approved_by:
            return "proposed"
        return "ending" if self.days_left(today) <= WARN_DAYS else "open"

    def days_left(self, today: date) -> int:
        """Days that it covers still, not counting today."""
        return (self.until - today).days

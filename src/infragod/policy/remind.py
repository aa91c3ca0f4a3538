"""Everything that people have to be reminded of: approvals that wait, and waivers that are about to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infragod.approval import reminders
from infragod.approval.authority import Authority
from infragod.approval.reminders import Reminder
from infragod.policy.waivers import warnings
from infragod.policy.waivers.waiver import Waiver

if TYPE_CHECKING:
    from infragod.db.connection import Connection


@dataclass(frozen=True, slots=True)
class Reminded:
    """Who was reminded of what, and which waivers were announced to end."""

    approvals: list[Reminder]
    waivers: list[Waiver]

    def __bool__(self) -> bool:
        return bool(self.approvals or self.waivers)


def remind(connection: Connection, authority: Authority, by: str, at: datetime | None = None) -> Reminded:
    """Do it, in the caller's transaction: each once a period."""
    at = at or datetime.now(UTC)
    return Reminded(reminders.remind(connection, authority, by, at), warnings.warn(connection, by, at))

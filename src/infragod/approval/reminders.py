"""Who has to be reminded of an approval that waits, and what they are told.

`due` finds, `mark` notes that it was said, in the log whose entries the outbox sends; `remind` does both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from infragod.approval import requests
from infragod.approval.authority import Authority
from infragod.approval.requests import store
from infragod.approval.requests.record import Request
from infragod.db import audit
from infragod.db.connection import lock

if TYPE_CHECKING:
    from infragod.db.connection import Connection

MOST: Final = 500
_LOCK: Final = 7_210_350


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message: to whom (and their mail where it is known), about what, in one sentence."""

    number: int
    decision: str
    person: str
    mail: str
    said: str


def due(connection: Connection, authority: Authority, at: datetime | None = None) -> list[Reminder]:
    """The reminders that are due at `at`: so many days after the request was opened, and again after as many."""
    at = at or datetime.now(UTC)
    since = at - timedelta(days=authority.remind_days)
    waiting = store.unreminded(connection, since, at, limit=MOST)
    names = store.decisions(connection, [r.number for r in waiting])
    return [reminder for r in waiting for reminder in _of(r, names.get(r.number, ""), authority, at)]


def remind(connection: Connection, authority: Authority, by: str, at: datetime | None = None) -> list[Reminder]:
    """Remind of all that is due, each once a period though several processes do so; the event goes to the outbox."""
    at = at or datetime.now(UTC)
    lock(connection, _LOCK)
    found = due(connection, authority, at)
    mark(connection, found, by, at)
    return found


def mark(connection: Connection, reminders: Iterable[Reminder], by: str, at: datetime | None = None) -> None:
    """Note that the reminders were handed on."""
    at = at or datetime.now(UTC)
    told: dict[int, list[Reminder]] = {}
    for reminder in reminders:
        told.setdefault(reminder.number, []).append(reminder)
    for number, of_one in told.items():
        store.change(connection, number, reminded_at=at)
        people = [reminder.person for reminder in of_one]
        details = {"decision": of_one[0].decision, "request": number, "people": people, "said": of_one[0].said}
        audit.append(connection, "approval.reminded", by, details, at=at)


def _of(request: Request, decision: str, authority: Authority, at: datetime) -> list[Reminder]:
    answered = {vote.person for vote in request.votes}
    open_needs = [w for w in requests.wanted(request, authority, at) if not w.met]
    people = sorted({name for w in open_needs for name in w.people} - answered)
    rules = ", ".join(sorted({rule for w in open_needs for rule in w.need.rules}))
    until = f"{request.expires_at:%F %H:%M} UTC"
    said = f"decision {decision} of {request.workspace} waits for approval ({rules}) until {until}"
    return [Reminder(request.number, decision, name, authority.people[name].mail, said) for name in people]

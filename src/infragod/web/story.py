"""An entry of the audit log as people read it on a page: what happened, who did it, and what they said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from infragod.db.audit import Entry

_WORDS: Final[Mapping[str, str]] = {
    "approval.opened": "Approval asked for",
    "approval.asked": "Asked again",
    "approval.grant": "Approved",
    "approval.refuse": "Refused",
    "approval.approved": "All approvals given",
    "approval.void": "Request withdrawn",
    "approval.link": "Link made",
    "approval.reminded": "Reminded",
    "break-glass": "Glass broken",
    "grant.issue": "Grant taken",
    "grant.claim": "Apply begun",
    "grant.finish": "Apply ended",
    "grant.release": "Grant withdrawn",
    "grant.replace": "Grant replaced",
    "grant.expire": "Grant expired",
    "grant.refuse": "Grant refused",
    "incident.opened": "Incident opened",
    "incident.closed": "Incident closed",
    "waiver.added": "Waiver proposed",
    "waiver.approved": "Waiver agreed to",
    "waiver.ended": "Waiver ended",
    "waiver.ending": "Announced that it ends",
    "run-task.end": "Run task answered",
}
_SAID: Final = ("reason", "resolution", "said", "note")
_NAMED: Final = ("grant", "person", "people", "team")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a story."""

    at: datetime
    what: str
    who: str
    about: str
    said: str
    number: int


def told(entry: Entry) -> Told:
    """The entry in words."""
    details = entry.details
    about = ", ".join(f"{name} {_text(details[name])}" for name in _NAMED if details.get(name))
    said = next((str(details[name]) for name in _SAID if details.get(name)), "")
    if entry.kind == "grant.finish" and not said:
        said = "all of it succeeded" if details.get("applied") else "it ended with an error"
    return Told(entry.at, _WORDS.get(entry.kind, entry.kind), entry.actor, about, said, entry.number)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

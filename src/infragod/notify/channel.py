"""What the ways of sending share: why an attempt failed, and who is invited to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from infragod.db.audit import Entry


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt failed, whether another makes sense, and when the target asked for it."""

    fault: str
    final: bool = False
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody whom the event concerns; `link` lets whoever has it answer for them, so it stays out of the `repr`."""

    person: str
    mail: str = ""
    link: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Brief:
    """What is known of an event beyond its entry: a subject and lines for people, who is invited, and the page."""

    subject: str = ""
    lines: tuple[str, ...] = ()
    invited: tuple[Invitation, ...] = ()
    page: str = ""


NOTHING = Brief()
Briefing = Callable[[Entry, bool], Brief]
"""Gives an event's brief; True asks for links, which are credentials."""


def unbriefed(_: Entry, __: bool) -> Brief:  # noqa: FBT001 - as ``Briefing`` is called
    """The brief where nobody gives any."""
    return NOTHING

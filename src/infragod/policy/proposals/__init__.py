"""Rules that propose their own demotion: overturned too often, one level milder, for their owner to answer.

    proposed ──accept──▶ accepted    prints what to write into the bundle; nothing changes by itself
        │────── reject ─▶ rejected   with a reason; not proposed again for a while
        └── the rule has another level by now ──▶ void

A proposal never changes the rules by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from infragod.resource import Level

MILDER: Final = {Level.MANDATORY: Level.APPROVAL, Level.APPROVAL: Level.ADVISORY}


@dataclass(frozen=True, slots=True)
class Terms:
    """When a rule proposes its demotion: `findings` judged in `days`, more than `percent` of them overturned.

    After a rejection it is not proposed again for `pause` days.
    """

    findings: int = 20
    percent: int = 50
    days: int = 90
    pause: int = 90


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal: which rule, from which level to which, to whom, on what grounds, and what came of it."""

    number: int
    rule: str
    level: str
    proposed: str
    owner: str
    since: date
    until: date
    judged: int
    overturned: int
    state: str
    proposed_at: datetime
    answered_at: datetime | None
    answered_by: str
    reason: str

    @property
    def id(self) -> str:
        """How people call it."""
        return f"P{self.number}"

    @property
    def lines(self) -> str:
        """What to write into infragod.toml to let it come about."""
        return f'[rules.{self.rule}]\nlevel = "{self.proposed}"\n'

"""What the gate costs those who pass it, and what it saves: minutes waited, denials overturned, money prevented.

A *change* is what one change request plans for one workspace. Where no change request is known it is a stopped plan and
the checks after it, in the same workspace, that touch a resource of it, up to the first that passes. It belongs to the
month of its first stop (denied, or in need of approval), and to no other.

    prevented = monthly delta at the first stop - monthly delta of the last check that passed

within ``DAYS`` of the stop; nothing passed in that time: withdrawn, and all of the delta is prevented. Before they are
over it is not told. A change that did not pass, and of which a state holds a resource since, went *round* the gate and
prevented nothing. What would have lowered or kept the cost prevents nothing, nor does what passed dearer in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

DAYS: Final = 30
"""Days after its first stop in which a change is followed."""
STOPPED: Final = ("deny", "needs_approval")
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Check:
    """One recorded decision; `passed_at` is when it let the plan pass, by itself, an approval or broken glass."""

    number: int
    id: str
    at: datetime
    workspace: str
    change_request: str
    verdict: str
    currency: str
    delta: Decimal
    complete: bool
    passed_at: datetime | None
    places: frozenset[int] = frozenset()

    @property
    def stopped(self) -> bool:
        """Whether the plan did not pass as it came."""
        return self.verdict in STOPPED


@dataclass(frozen=True, slots=True)
class Change:
    """The checks of one change, oldest first; at least one of them stopped it."""

    checks: tuple[Check, ...]

    @property
    def stop(self) -> Check:
        """The first check that stopped it."""
        return next(check for check in self.checks if check.stopped)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: `passed`, `withdrawn`, `round` the gate, or `open` while it is not told.

    `prevented` is None where that is not told; `unknown` counts resources whose price is not known at the stop or at
    the end, which are left out of it. `checks` are those up to the first that passed.
    """

    workspace: str
    change_request: str
    first: str
    last: str
    stopped_at: datetime
    state: str
    currency: str
    delta: Decimal
    prevented: Decimal | None
    unknown: int
    checks: int | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number of figures are spread: the middle one, and the one that nine of ten do not pass (nearest rank)."""

    count: int
    median: Decimal | None
    p90: Decimal | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A request for approval: how many minutes it waited, or waits by now, and which rules asked for it."""

    state: str
    minutes: Decimal
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleFriction:
    """One rule: changes that it stopped, those of them that passed all the same, by what, and the waiting."""

    rule: str
    level: str
    judged: int
    warned: int
    approved: int
    waived: int
    broken: int
    overturned: int
    waits: Spread = Spread(0, None, None)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Friction:
    """One month of the gate."""

    verdicts: Mapping[str, int]
    waits: Spread
    waiting: int
    answered: Mapping[str, int]
    rules: tuple[RuleFriction, ...]
    changes: tuple[Outcome, ...]
    checks: Spread
    at: datetime

    @property
    def prevented(self) -> dict[str, Decimal]:
        """Money prevented a month, by currency."""
        found: dict[str, Decimal] = {}
        for change in self.changes:
            if change.prevented is not None:
                found[change.currency] = found.get(change.currency, ZERO) + change.prevented
        return found

    @property
    def unknown(self) -> int:
        """Resources left out of the money prevented, because their price is not known."""
        return sum(change.unknown for change in self.changes)

    def count(self, state: str) -> int:
        """How many changes ended so."""
        return sum(change.state == state for change in self.changes)

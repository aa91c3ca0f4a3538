"""The noun of the budget: what one team may spend in one month, and what an import changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from infragod.focus import Period


@dataclass(frozen=True, slots=True)
class Budget:
    """What `team` may spend in `month`."""

    team: str
    month: Period
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Budgets that are new, that have another amount now, that stay, and that are gone."""

    added: tuple[Budget, ...]
    changed: tuple[Budget, ...]
    same: tuple[Budget, ...]
    removed: tuple[Budget, ...]


def compare(old: Sequence[Budget], new: Sequence[Budget], *, replace: bool) -> Changes:
    """What `new` changes of `old`; what it does not name goes only with `replace`."""
    before = {(b.team, b.month): b for b in old}
    named = {(b.team, b.month) for b in new}
    return Changes(
        added=tuple(b for b in new if (b.team, b.month) not in before),
        changed=tuple(b for b in new if (b.team, b.month) in before and before[b.team, b.month] != b),
        same=tuple(b for b in new if before.get((b.team, b.month)) == b),
        removed=tuple(b for key, b in before.items() if key not in named) if replace else (),
    )

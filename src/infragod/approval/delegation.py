"""Four eyes and deputies: for whom somebody may speak, and how many voices an approval has got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from infragod.approval.authority import Deputy


def speaks_for(
    person: str, deputies: Iterable[Deputy], day: date, barred: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Those whose power `person` holds on `day`: their own, and that of all whom they stand for through any chain.

    Nobody in `barred` (who asked) has a part in it: neither as the person, nor as a link of the chain, nor as its end.
    """
    if person in barred:
        return frozenset()
    active = [d for d in deputies if d.on(day) and d.person not in barred]
    found, todo = {person}, [person]
    while todo:
        deputy = todo.pop()
        new = {d.person for d in active if d.deputy == deputy} - found
        found |= new
        todo += sorted(new)
    return frozenset(found)


def voices(votes: Mapping[str, frozenset[str]], able: frozenset[str]) -> int:
    """How many of the people in `able` have spoken through `votes` (who voted → for whom they may speak).

    Each who voted speaks once and each power is used once: the largest matching between the two.
    """
    taken: dict[str, str] = {}

    def place(voter: str, tried: set[str]) -> bool:
        for power in sorted((votes[voter] & able) - tried):
            tried.add(power)
            if power not in taken or place(taken[power], tried):
                taken[power] = voter
                return True
        return False

    return sum(place(voter, set()) for voter in sorted(votes))

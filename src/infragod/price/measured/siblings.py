"""Siblings: resources of one type that serve the same in the same environment, and what they use."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from infragod.price.usage import Siblings

LEAST: Final = 3
"""How many siblings it takes: fewer say more of themselves than of the next one."""
Thing = tuple[str, str, str]  # provider, service, key


class Circle(StrEnum):
    """How near siblings are. Those of a service or a team tell a quantity, the whole company's a range alone."""

    SERVICE = "service"
    TEAM = "team"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Owned:
    """Who owns a resource, as far as known."""

    team: str | None = None
    service: str | None = None
    environment: str | None = None

    @property
    def circles(self) -> Iterator[tuple[Circle, str]]:
        """The circles that it is in, the nearest first."""
        if self.service:
            yield Circle.SERVICE, self.service
        if self.team:
            yield Circle.TEAM, self.team
        yield Circle.COMPANY, ""

    @property
    def parts(self) -> tuple[tuple[Circle, str], ...]:
        """The names of its circles' parts in the file of a month."""
        return _parts(self)


@lru_cache(maxsize=4096)
def _parts(owned: Owned) -> tuple[tuple[Circle, str], ...]:
    """Asked for each price of each resource of a plan, and the same for most of them."""
    environment = owned.environment or ""
    return tuple(
        (circle, json.dumps([circle.value, who, environment], ensure_ascii=False)) for circle, who in owned.circles
    )


@dataclass(slots=True)
class Families:
    """What was seen of all siblings of a month."""

    _used: dict[str, dict[tuple[str, Thing], list[Decimal]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, owned: Owned, kind: str, thing: Thing, quantity: Decimal) -> None:
        """One resource and what it used of one thing."""
        for _, part in owned.parts:
            self._used[part].setdefault((kind, thing), []).append(quantity)

    def parts(self) -> Iterator[tuple[str, dict[str, list[list[str | int]]]]]:
        """The parts of the file; those of fewer than ``LEAST`` are left out."""
        for part, used in sorted(self._used.items()):
            body: dict[str, list[list[str | int]]] = {}
            for (kind, thing), quantities in sorted(used.items()):
                if len(quantities) >= LEAST:
                    found = siblings(quantities)
                    body.setdefault(kind, []).append([*thing, found.count, f"{found.p50:f}", f"{found.p90:f}"])
            if body:
                yield part, body


def siblings(quantities: Sequence[Decimal]) -> Siblings:
    """The median, and the least of the quantities that nine tenths do not pass; both exact."""
    ordered = sorted(quantities)
    count = len(ordered)
    middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return Siblings(count, middle, ordered[-(-9 * count // 10) - 1])

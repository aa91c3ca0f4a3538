"""The nouns of the organisation: teams, their services, and what differs between two states of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Team:
    """Who owns services and a budget; `lead` is a role or an address, `unit` the part of the company it belongs to."""

    name: str
    cost_centre: str | None = None
    lead: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """What a team runs; `environment` is None where the service runs in several."""

    name: str
    team: str
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """All teams and services, each by name."""

    teams: tuple[Team, ...]
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Names that are new, that say something else now, and that are gone."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import changes."""

    teams: Difference
    services: Difference

    def __bool__(self) -> bool:
        return bool(self.teams or self.services)


def compare(old: Organisation, new: Organisation) -> Changes:
    """What `new` changes of `old`."""
    return Changes(_difference(old.teams, new.teams), _difference(old.services, new.services))


def _difference(old: Iterable[Team | Service], new: Iterable[Team | Service]) -> Difference:
    before = {item.name: item for item in old}
    after = {item.name: item for item in new}
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(n for n in after.keys() & before.keys() if after[n] != before[n])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )

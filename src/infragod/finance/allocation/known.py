"""Whom a target can name: teams and services of the organisation, and those that the bill has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from infragod.errors import InputError
from infragod.org.organisation import Organisation
from infragod.spreadsheet import near

Owner = tuple[str, str | None]


def owner_id(team: str, service: str | None) -> str:
    """How an owner is called among targets."""
    return f"team:{team}" if service is None else f"service:{service} of {team}"


@dataclass(slots=True)
class Known:
    """Teams, services with their teams, and cost centres."""

    teams: set[str] = field(default_factory=set)
    services: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    centres: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    owners: dict[str, Owner] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, organisation: Organisation | None, billed: Iterable[tuple[str | None, str | None, str | None]]
    ) -> Known:
        """What the organisation says, and where it says nothing what the bill does."""
        known, said = cls(), Organisation((), ()) if organisation is None else organisation
        for team in said.teams:
            known.teams.add(team.name)
            if team.cost_centre:
                known.centres[team.name].add(team.cost_centre)
        for service in said.services:
            known.services[service.name].add(service.team)
        known.told, placed = set(known.services), set(known.centres)
        for name, service_name, centre in billed:
            if name is not None:
                known.teams.add(name)
                if service_name is not None and service_name not in known.told:
                    known.services[service_name].add(name)
                if centre is not None and name not in placed:
                    known.centres[name].add(centre)
        return known

    def centre(self, team: str) -> str | None:
        """The team's cost centre, if there is one and only one."""
        found = self.centres.get(team, set())
        return next(iter(found)) if len(found) == 1 else None

    def targets(self, pattern: str, pools: Iterable[str], where: str) -> list[str]:
        """What `pattern` means: ids of owners and pools; ``InputError`` for a name that is not known."""
        kind, _, name = pattern.partition(":")
        names = sorted({"team": self.teams, "service": self.services, "pool": set(pools)}[kind])
        if "*" in name or "?" in name:
            found = [n for n in names if fnmatchcase(n, name)]
            return [t for n in found for t in self._all(kind, n)]
        if name not in names:
            raise InputError(f"{where} names the {kind} {name!r}, which is not known{near(name, names)}; correct it")
        found = self._all(kind, name)
        if len(found) > 1:
            teams = " and ".join(sorted(self.services[name]))
            raise InputError(
                f"{where} names the service {name!r}, which the bill gives to {teams}; "
                "say in [renamed] which of them is the other now, or import the organisation"
            )
        return found

    def service(self, target: str) -> str | None:
        """The service that the target is, where it is of one team alone: then all that it costs is that team's."""
        name = self.owners[target][1] if target in self.owners else None
        return f"service:{name}" if name is not None and len(self.services[name]) == 1 else None

    def _all(self, kind: str, name: str) -> list[str]:
        if kind == "pool":
            return [f"pool:{name}"]
        if kind == "team":
            return [self.add(name, None)]
        return [self.add(team, name) for team in sorted(self.services[name])]

    def add(self, team: str, service: str | None) -> str:
        """The id of an owner, which is known from now on."""
        key = owner_id(team, service)
        self.owners[key] = (team, service)
        return key

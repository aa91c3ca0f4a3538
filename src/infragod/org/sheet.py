"""The organisation as a CSV: one row a service, with its team; or a row with a team alone, which has no service yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infragod.org.organisation import Organisation, Service, Team
from infragod.spreadsheet import Faults, Sheet, name_fault, read

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    # our name: other names that people's files have
    "service": ("application", "app"),
    "team": ("owner_team", "squad"),
    "cost_centre": ("cost_center", "costcenter", "costcentre"),
    "environment": ("env",),
    "lead": ("team_lead", "lead_email", "approver"),
    "unit": ("parent_unit", "business_unit", "department"),
}
HELP: Final[Mapping[str, str]] = {
    "service": "name of the service, as tags name it; empty: the row names a team alone",
    "team": "the team that owns it and has the budget",
    "cost_centre": "the team's cost centre",
    "environment": "the one environment the service runs in; empty: several",
    "lead": "role or e-mail address of who leads the team",
    "unit": "part of the company that the team belongs to",
}
_OF_TEAM: Final = ("cost_centre", "lead", "unit")


def load(path: Path) -> tuple[Organisation, Sheet]:
    """The organisation in the file; ``InputError`` names every bad row."""
    sheet = read(path, COLUMNS, ("team",))
    faults = Faults(sheet.where)
    if not sheet.rows:
        faults.add(2, "team", "the file names no team; an import replaces the whole organisation, so it would be empty")
    teams = _Teams(faults)
    services: dict[str, tuple[int, Service]] = {}
    for number, cells in sheet.rows:
        team, service = cells["team"], cells.get("service", "")
        if not _names_are_good(number, cells, faults):
            continue
        teams.add(number, cells)
        if service and _is_new(number, service, services, faults):
            services[service.casefold()] = (number, Service(service, team, cells.get("environment") or None))
    faults.stop()
    return Organisation(teams.all(), tuple(sorted((s for _, s in services.values()), key=lambda s: s.name))), sheet


class _Teams:
    """The teams seen so far, each with the row that said each of its facts first."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._names: dict[str, tuple[int, str]] = {}
        self._facts: dict[tuple[str, str], tuple[int, str]] = {}

    def add(self, number: int, cells: Mapping[str, str]) -> None:
        """Take what the row says of its team; what contradicts an earlier row is a fault."""
        name = cells["team"]
        row, first = self._names.setdefault(name.casefold(), (number, name))
        if first != name:
            self._faults.add(
                number, "team", f"{name!r} differs from {first!r} of row {row} in case alone; write both alike"
            )
        for column in _OF_TEAM:
            value = cells.get(column, "")
            if not value:
                continue
            row, said = self._facts.setdefault((name, column), (number, value))
            if said != value:
                self._faults.add(
                    number, column, f"{value!r} for team {name!r}, but row {row} says {said!r}; make them equal"
                )

    def all(self) -> tuple[Team, ...]:
        """Every team, by name."""
        names = sorted(name for _, name in self._names.values())
        return tuple(Team(name, **{c: self._facts.get((name, c), (0, None))[1] for c in _OF_TEAM}) for name in names)


def _names_are_good(number: int, cells: Mapping[str, str], faults: Faults) -> bool:
    if not cells["team"]:
        faults.add(number, "team", "is empty; every row names the team")
        return False
    bad = [(column, fault) for column, cell in cells.items() if (fault := name_fault(cell))]
    for column, fault in bad:
        faults.add(number, column, fault)
    return not bad


def _is_new(number: int, service: str, seen: Mapping[str, tuple[int, Service]], faults: Faults) -> bool:
    if service.casefold() not in seen:
        return True
    row, earlier = seen[service.casefold()]
    if earlier.name == service:
        faults.add(number, "service", f"{service!r} stands in row {row} already; a service has one row")
    else:
        faults.add(
            number, "service", f"{service!r} differs from {earlier.name!r} of row {row} in case alone; write one"
        )
    return False

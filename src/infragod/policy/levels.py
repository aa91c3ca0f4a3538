"""Levels by team, workspace and environment: `[[rules.<id>.for]]`, and which of them counts for a finding.

Of several entries that match the strictest counts; where none does, the rule's own level. So a working folder may add
entries to those of a bundle without ever making one of them milder. What concerns the plan as a whole concerns each
owner that the plan touches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from infragod.errors import SetupError
from infragod.resource import Action, Finding, Level, Result

if TYPE_CHECKING:
    from infragod.policy.rules import Rule, RuleSet

Tables = Mapping[str, Mapping[str, Sequence[Any]]]
KEYS: Final = ("teams", "workspaces", "environments", "level")
TABLES: Final = frozenset({"plan", "owner"})
"""What must be loaded beside `resource` to tell the place of a finding."""
_ORDER: Final = tuple(Level)
_STANDING: Final = (Action.NO_OP, Action.READ)
_TEAM: Final = "team."


class Place(NamedTuple):
    """Whose a finding is and where; empty text is not known, and no entry that asks for it matches."""

    team: str = ""
    environment: str = ""
    workspace: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """One entry: patterns (`*` and `?` stand for anything) of teams, workspaces, environments; an empty list is any."""

    level: Level
    teams: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    where: str = field(default="", compare=False)

    @property
    def title(self) -> str:
        """What it is for, as people say it: `teams checkout, cart in workspaces shop-*`."""
        named = {"teams": self.teams, "environments": self.environments, "workspaces": self.workspaces}
        return " in ".join(f"{kind} {', '.join(patterns)}" for kind, patterns in named.items() if patterns)

    def matches(self, place: Place) -> bool:
        """Whether it counts at `place`."""
        asked = ((self.teams, place.team), (self.workspaces, place.workspace), (self.environments, place.environment))
        return all(not patterns or any(_matches(p, value) for p in patterns) for patterns, value in asked)

    def reason(self, place: Place) -> str:
        """Why it counts there: `team checkout in workspace shop-prod`."""
        named = (
            ("team", self.teams, place.team),
            ("environment", self.environments, place.environment),
            ("workspace", self.workspaces, place.workspace),
        )
        return " in ".join(f"{kind} {value}" for kind, patterns, value in named if patterns)


def parse(given: Any, where: str) -> tuple[Scope, ...]:
    """The entries of `for`, as TOML holds them; ``SetupError`` says what is wrong with one."""
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise SetupError(f"{where}: for is no list of tables; begin each entry with [[….for]]")
    return tuple(_scope(entry, where) for entry in given)


def _scope(entry: Mapping[str, Any], where: str) -> Scope:
    from infragod.policy.rules import fixed, near

    for key in entry:
        if key not in KEYS:
            raise SetupError(f"{where}, for: there is no {key!r}{near(key, KEYS)}")
    if "level" not in entry:
        raise SetupError(f"{where}, for: an entry has no level; it is one of {', '.join(_ORDER)}")
    named = {key: _patterns(key, entry[key], where) for key in KEYS[:-1] if key in entry}
    if not named:
        raise SetupError(
            f"{where}, for: an entry names no teams, workspaces or environments; set the level of the rule itself"
        )
    return Scope(fixed("level", entry["level"], f"{where}, for"), where=where, **named)


def _patterns(key: str, given: Any, where: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(item, str) and item for item in given):
        raise SetupError(f'{where}, for: {key} is {given!r}; it takes a list of texts, such as ["a", "b-*"]')
    return tuple(given)


def _matches(pattern: str, value: str) -> bool:
    return bool(value) and fnmatchcase(value, pattern)


def at(default: Level, scopes: Iterable[Scope], places: Iterable[Place]) -> tuple[Level, str]:
    """The level at `places`, the strictest of them, and why; the reason is empty where it is the rule's own."""
    return max((_at_one(default, scopes, place) for place in places), key=lambda found: _ORDER.index(found[0]))


def _at_one(default: Level, scopes: Iterable[Scope], place: Place) -> tuple[Level, str]:
    found = [(scope.level, scope.reason(place)) for scope in scopes if scope.matches(place)]
    return max(found, key=lambda pair: _ORDER.index(pair[0]), default=(default, ""))


def strictest(rule: Rule) -> Level:
    """The strictest level that the rule may have anywhere."""
    return max((rule.level, *(scope.level for scope in rule.scopes)), key=_ORDER.index)


def in_any_environment(default: Level, scopes: Iterable[Scope], team: str, workspace: str) -> Level:
    """The level for a team where it is not known which environment it is about: entries for one count too."""
    place = Place(team=team, workspace=workspace)
    plain, _ = at(default, [s for s in scopes if not s.environments], [place])
    apart = (s.level for s in scopes if s.environments and replace(s, environments=()).matches(place))
    return max((plain, *apart), key=_ORDER.index)


def apply(findings: Iterable[Finding], rules: RuleSet, tables: Tables) -> list[Finding]:
    """`findings` with the level and the effect that their rules have for the owner and in the workspace."""
    scoped = {rule.id: rule for rule in rules.rules if rule.scopes}
    if not scoped:
        return list(findings)
    plan = _Places.of(tables)
    return [_levelled(f, scoped[f.rule], plan.of_finding(f.address)) if f.rule in scoped else f for f in findings]


def _levelled(finding: Finding, rule: Rule, places: Collection[Place]) -> Finding:
    level, reason = at(rule.level, rule.scopes, places)
    as_if = replace(rule, level=level)
    effect = as_if.unknown_effect if finding.result is Result.UNKNOWN else as_if.effect
    return replace(finding, level=level, effect=effect, level_by=reason)


@dataclass(frozen=True, slots=True)
class _Places:
    """The place of each resource of a plan, and all places that the plan changes something at."""

    workspace: str
    owned: Mapping[str, Place]
    touched: frozenset[Place]

    @classmethod
    def of(cls, tables: Tables) -> _Places:
        workspace = str((tables.get("plan", {}).get("workspace") or [""])[0] or "")
        owner, resource = tables.get("owner", {}), tables.get("resource", {})
        rows = zip(owner.get("address", ()), owner.get("team", ()), owner.get("environment", ()), strict=True)
        owned = {address: Place(team or "", environment or "", workspace) for address, team, environment in rows}
        pairs = zip(resource.get("address", ()), resource.get("action", ()), strict=True)
        nobody = Place(workspace=workspace)
        changed = {owned.get(address, nobody) for address, action in pairs if action not in _STANDING}
        return cls(workspace, owned, frozenset(changed or {nobody}))

    def of_finding(self, address: str) -> Collection[Place]:
        """Where a finding belongs: to a resource, a team, or the plan as a whole."""
        if address in self.owned:
            return (self.owned[address],)
        if address.startswith(_TEAM):
            team = address.removeprefix(_TEAM)
            return [p for p in self.touched if p.team == team] or (Place(team=team, workspace=self.workspace),)
        return self.touched


def strangers(
    rules: Iterable[Rule], teams: Collection[str], workspaces: Collection[str] = (), besides: str = ""
) -> Iterator[str]:
    """A sentence for each pattern that matches no known team or workspace; where none is known, nothing is strange.

    Entries whose place begins with `besides` are left out: a bundle stays in force when a team goes.
    """
    from infragod.policy.rules import near

    for scope in (scope for rule in rules for scope in rule.scopes):
        if besides and scope.where.startswith(besides):
            continue
        for pattern in _unmatched(scope.teams, teams):
            yield f"{scope.where}, for: no team is called {pattern!r}{near(pattern, teams)}"
        for pattern in _unmatched(scope.workspaces, workspaces):
            yield f"{scope.where}, for: no plan of a workspace {pattern!r} was decided on yet"


def _unmatched(patterns: Iterable[str], known: Collection[str]) -> list[str]:
    return [p for p in patterns if known and not any(_matches(p, name) for name in known)]


def refuse_strangers(rules: Iterable[Rule], teams: Collection[str], besides: str = "") -> None:
    """``SetupError`` for the first name of a team that is none: a slip would leave a rule milder than it was meant."""
    for sentence in strangers(rules, teams, besides=besides):
        raise SetupError(f"{sentence}; correct the name, or bring the team in by infragod org import")

"""The rules in force: built-in files, the company's files, the settings, and the bundle that holds them in check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infragod.errors import SetupError
from infragod.policy import header as headers
from infragod.policy import levels, linted, packs
from infragod.policy.contract import TABLES
from infragod.policy.header import UNKNOWN, Header
from infragod.policy.levels import Scope
from infragod.policy.parameter import Parameter, Value
from infragod.resource import Level, Verdict
from infragod.settings import FILE_NAME, Settings

if TYPE_CHECKING:
    from infragod.policy.bundle import Bundle

LEVELS: Final = tuple(Level)
FOR: Final = "for"
"""The key of a rule's or a pack's table that sets levels for some teams, workspaces and environments."""
EFFECTS: Final[Mapping[Level, Verdict]] = {
    Level.ADVISORY: Verdict.WARN,
    Level.APPROVAL: Verdict.NEEDS_APPROVAL,
    Level.MANDATORY: Verdict.DENY,
}
UNKNOWN_EFFECTS: Final = dict(zip(UNKNOWN, EFFECTS.values(), strict=True))
_SEVERITY: Final = list(EFFECTS.values())


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule file with what is in force of it: level, what an unknown does, values of its parameters.

    `scopes` set another level for some teams, workspaces and environments; `owner` is the team or role that answers
    for the rule, and hears when it is overturned too often.
    """

    header: Header
    text: str
    source: str
    facts: linted.Facts
    level: Level
    unknown: str
    enabled: bool
    values: Mapping[str, Value]
    scopes: tuple[Scope, ...] = ()
    owner: str = ""

    @property
    def id(self) -> str:
        """The rule's name."""
        return self.header.id

    @property
    def sql(self) -> str:
        """The statement, without the header."""
        return headers.split(self.text)[1]

    @property
    def effect(self) -> Verdict:
        """What a violation leads to."""
        return EFFECTS[self.level]

    @property
    def unknown_effect(self) -> Verdict:
        """What a row that can't be judged leads to: never more than a violation would."""
        return min(UNKNOWN_EFFECTS[self.unknown], EFFECTS[self.level], key=_SEVERITY.index)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force, and where they come from."""

    all: tuple[Rule, ...]
    label: str

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The enabled ones."""
        return tuple(rule for rule in self.all if rule.enabled)

    @property
    def attributes(self) -> frozenset[str]:
        """Attributes of resources that the rules read."""
        return frozenset(name for rule in self.rules for name in rule.header.attributes)

    @property
    def every_attribute(self) -> frozenset[str]:
        """Attributes that any rule reads, those that are off too: kept, so that they can be tried out later."""
        return frozenset(name for rule in self.all for name in rule.header.attributes)

    @property
    def tables(self) -> frozenset[str]:
        """Tables that the rules read, and that tell which level counts."""
        read = frozenset(name for rule in self.rules for name in rule.facts.tables if name in TABLES)
        return read | levels.TABLES if any(rule.scopes for rule in self.rules) else read

    def __len__(self) -> int:
        return len(self.rules)


def load(settings: Settings, bundle: Bundle | None = None) -> RuleSet:
    """The rules in force for `settings`, held against `bundle`; ``SetupError`` names what is wrong or looser."""
    from infragod.policy import tighten

    where = str(settings.folder / FILE_NAME)
    company = company_files(settings)
    if bundle is None:
        rules = configured(built_in(), company, settings.tables, where, settings.home)
        kinds = "built-in" if not company else f"built-in and {len(company)} own"
        return RuleSet(rules, f"{kinds} rules ({_count(rules)}), local")
    base = from_bundle(bundle, settings.home)
    return RuleSet(
        tighten.held(base, company, settings.tables, where, settings.home, bundle.label), _label(bundle, base)
    )


def from_bundle(bundle: Bundle, home: Path) -> tuple[Rule, ...]:
    """The rules as a bundle has them in force, whatever the working folder says."""
    return configured(bundle.built_in, bundle.files, {"rules": bundle.tables}, bundle.label, home)


def _label(bundle: Bundle, base: tuple[Rule, ...]) -> str:
    return f"{bundle.label} ({_count(base)} rules)"


def _count(rules: Iterable[Rule]) -> int:
    return sum(rule.enabled for rule in rules)


def built_in() -> dict[str, str]:
    """The rule files that come with InfraGod: name to text."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(linted.BUILT_IN.glob("*.sql"))}


def company_files(settings: Settings) -> dict[str, str]:
    """The rule files of the working folder: path to text."""
    folder = settings.beside(settings.rules_folder)
    try:
        return {str(path): path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"cannot read the rule files in {folder}: {error}; check their rights and encoding") from None


def configured(
    base: Mapping[str, str], own: Mapping[str, str], tables: Mapping[str, Any], where: str, home: Path
) -> tuple[Rule, ...]:
    """The rules of both kinds of files with the settings `[packs.<name>]` and `[rules.<id>]` of `tables`."""
    rules = [read(text, f"built-in rule {name}", home) for name, text in base.items()]
    rules += [read(text, f"rule file {name}", home) for name, text in own.items()]
    return apply(rules, packs.expanded(rules, tables, where), where)


def read(text: str, source: str, home: Path) -> Rule:
    """One rule file with its defaults in force."""
    header = headers.parse(text, source)
    values = {p.name: p.default for p in header.parameters}
    found = linted.facts(text, header, source, home)
    return Rule(header, text, source, found, header.level, header.unknown, header.enabled, values, owner=header.owner)


def apply(rules: Iterable[Rule], given: Any, where: str) -> tuple[Rule, ...]:
    """`rules` with the tables `[rules.<id>]` of `where` on top; an id stands for one rule."""
    by_id: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in by_id:
            raise SetupError(
                f"{rule.source} has the id {rule.id!r} of {by_id[rule.id].source}; give it another id, "
                f"and set enabled = false for the one you don't want"
            )
        by_id[rule.id] = rule
    if not isinstance(given, dict):
        raise SetupError(f"{where}: rules is no table; write [rules.<id>]")
    for id_, table in given.items():
        if id_ not in by_id:
            raise SetupError(f"{where}: there is no rule {id_!r}{near(id_, by_id)}")
        by_id[id_] = with_settings(by_id[id_], table, f"{where}, [rules.{id_}]")
    return tuple(by_id[id_] for id_ in sorted(by_id))


def with_settings(rule: Rule, table: Any, where: str) -> Rule:
    """`rule` with one settings table on top."""
    if not isinstance(table, dict):
        raise SetupError(f"{where} is no table; write [rules.{rule.id}]")
    known = {p.name: p for p in rule.header.parameters}
    values = dict(rule.values)
    fixed: dict[str, Any] = {}
    for name, given in table.items():
        if name == FOR:
            more = levels.parse(given, where)
            fixed["scopes"] = (*rule.scopes, *(scope for scope in more if scope not in rule.scopes))
        elif name in _FIXED:
            fixed[name] = _FIXED[name](given, where)
        elif name in known:
            values[name] = _value(known[name], given, where)
        else:
            raise SetupError(f"{where}: {rule.id} has no parameter {name!r}{near(name, [*known, *_FIXED, FOR])}")
    return replace(rule, values=values, **fixed)


def near(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown `name`: the nearest known one, or all of them."""
    names = sorted(map(str, known))
    close = get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(names)}"


def _value(parameter: Parameter, given: Any, where: str) -> Value:
    try:
        return parameter.parse(given)
    except ValueError as error:
        raise SetupError(f"{where}: {parameter.name} is {given!r}; it takes {error}") from None


def _level(given: Any, where: str) -> Level:
    if given not in LEVELS:
        raise SetupError(f"{where}: level is {given!r}{near(str(given), LEVELS)}")
    return Level(given)


def _unknown(given: Any, where: str) -> str:
    if given not in UNKNOWN:
        raise SetupError(f"{where}: unknown is {given!r}{near(str(given), UNKNOWN)}")
    return str(given)


def _enabled(given: Any, where: str) -> bool:
    if not isinstance(given, bool):
        raise SetupError(f"{where}: enabled is {given!r}; it is true or false")
    return given


def fixed(name: str, given: Any, where: str) -> Any:
    """The value of a setting that every rule has; ``SetupError`` says what is wrong with it."""
    return levels.parse(given, where) if name == FOR else _FIXED[name](given, where)


def _owner(given: Any, where: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise SetupError(f'{where}: owner is {given!r}; it is the name of a team or a role, such as "platform"')
    return given.strip()


_FIXED: Final = {"level": _level, "unknown": _unknown, "enabled": _enabled, "owner": _owner}

"""The law that a working folder may tighten a bundle and add to it, but not loosen it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infragod.errors import SetupError
from infragod.policy import packs
from infragod.policy import rules as ruleset
from infragod.policy.header import UNKNOWN
from infragod.policy.parameter import shown
from infragod.policy.rules import LEVELS, Rule


def held(
    base: tuple[Rule, ...], own: Mapping[str, str], tables: Mapping[str, Any], where: str, home: Path, label: str
) -> tuple[Rule, ...]:
    """The bundle's rules with the working folder's on top; ``SetupError`` says what is looser, and by what."""
    published = {rule.text for rule in base}
    added = [ruleset.read(text, f"rule file {name}", home) for name, text in own.items() if text not in published]
    ids = {rule.id for rule in base}
    for rule in added:
        if rule.id in ids:
            raise SetupError(
                f"{rule.source} would replace the rule {rule.id!r} of {label}; give it another id, "
                f"or have the change published by infragod bundle publish"
            )
    both = [*base, *added]
    result = ruleset.apply(both, packs.expanded(both, tables, where), where)
    before = {rule.id: rule for rule in base}
    for rule in result:
        if rule.id in before:
            _refuse_looser(rule, before[rule.id], where, label)
    return result


def _refuse_looser(new: Rule, old: Rule, where: str, label: str) -> None:
    for name, given, kept in looser(new, old):
        raise SetupError(
            f"{where}, [rules.{new.id}]: {name} = {given} is looser than {label}, which has {kept}; "
            f"a working folder may tighten a rule, not loosen it"
        )


def looser(new: Rule, old: Rule) -> Iterator[tuple[str, str, str]]:
    """What `new` has looser than `old`: name, its value, the value it must not pass."""
    if LEVELS.index(new.level) < LEVELS.index(old.level):
        yield "level", shown(str(new.level)), shown(str(old.level))
    for scope in new.scopes:
        if scope not in old.scopes and LEVELS.index(scope.level) < LEVELS.index(old.level):
            yield f"level for {scope.title}", shown(str(scope.level)), shown(str(old.level))
    if UNKNOWN.index(new.unknown) < UNKNOWN.index(old.unknown):
        yield "unknown", shown(new.unknown), shown(old.unknown)
    if old.enabled and not new.enabled:
        yield "enabled", "false", "true"
    for parameter in old.header.parameters:
        mine, bound = new.values[parameter.name], old.values[parameter.name]
        if not parameter.not_looser(mine, bound):
            yield parameter.name, shown(mine), shown(bound)

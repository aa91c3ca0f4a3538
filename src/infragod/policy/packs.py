"""Packs of rules: `[packs.<name>]` sets what all its rules have; a rule's own table goes first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from infragod.errors import SetupError

if TYPE_CHECKING:
    from infragod.policy.rules import Rule

KEYS: Final = ("level", "unknown", "enabled", "for", "owner")


def expanded(rules: Collection[Rule], tables: Mapping[str, Any], where: str) -> Any:
    """The tables `[rules.<id>]` of `where`, with what `[packs.<name>]` says filled in for each rule of the pack."""
    given, packs = tables.get("rules", {}), tables.get("packs", {})
    if not packs or not isinstance(given, dict):
        return given
    if not isinstance(packs, dict):
        raise SetupError(f"{where}: packs is no table; write [packs.<name>]")
    _check(packs, rules, where)
    filled = {
        rule.id: {**packs[rule.header.pack], **_table(given, rule)} for rule in rules if rule.header.pack in packs
    }
    return {**given, **filled}


def names(rules: Iterable[Rule]) -> list[str]:
    """The packs that `rules` are in."""
    return sorted({rule.header.pack for rule in rules})


def _table(given: Mapping[str, Any], rule: Rule) -> Mapping[str, Any]:
    table = given.get(rule.id, {})
    return table if isinstance(table, dict) else {"": table}


def _check(packs: Mapping[str, Any], rules: Collection[Rule], where: str) -> None:
    from infragod.policy.rules import fixed, near

    known = names(rules)
    for name, table in packs.items():
        if name not in known:
            raise SetupError(f"{where}: there is no pack {name!r}{near(name, known)}")
        if not isinstance(table, dict):
            raise SetupError(f"{where}: packs.{name} is no table; write [packs.{name}]")
        for key, value in table.items():
            if key not in KEYS:
                raise SetupError(f"{where}, [packs.{name}]: a pack has no {key!r}{near(key, KEYS)}")
            fixed(key, value, f"{where}, [packs.{name}]")

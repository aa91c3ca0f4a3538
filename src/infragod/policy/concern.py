"""Which rules have anything to judge in a plan: the others are not run, which is most of what a small check saves.

A header says it: `types` and `actions` of the resources that the rule judges (`$name` stands for the patterns of a
parameter), and in `needs` the tables and parameters without a row of which it can find nothing (`a or b`: either).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from infragod.policy.rules import Rule

Tables = Mapping[str, Mapping[str, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a plan holds: types and actions of its resources, names of known attributes, tables with a row in them."""

    types: frozenset[str]
    actions: frozenset[str]
    attributes: frozenset[str]
    tables: frozenset[str]

    @classmethod
    def of(cls, tables: Tables) -> Seen:
        """What `tables` hold."""
        resource = tables.get("resource", {})
        filled = (name for name, columns in tables.items() if any(map(len, columns.values())))
        return cls(
            frozenset(resource.get("type", ())),
            frozenset(resource.get("action", ())),
            frozenset(tables.get("attribute", {}).get("name", ())),
            frozenset(filled),
        )


def due(rules: Sequence[Rule], tables: Tables) -> list[Rule]:
    """Those of `rules` that may find something in `tables`."""
    seen = Seen.of(tables)
    return [rule for rule in rules if concerns(rule, seen)]


def concerns(rule: Rule, seen: Seen) -> bool:
    """Whether there is anything that the rule judges."""
    header = rule.header
    if header.actions and seen.actions.isdisjoint(header.actions):
        return False
    if not all(any(_there(rule, seen, name) for name in need.split(" or ")) for need in header.needs):
        return False
    return not header.types or _any_matches(seen.types, _patterns(rule))


def _there(rule: Rule, seen: Seen, name: str) -> bool:
    if name in rule.values:
        return bool(rule.values[name])
    return not seen.attributes.isdisjoint(rule.header.attributes) if name == "attribute" else name in seen.tables


def _patterns(rule: Rule) -> list[str]:
    """The patterns of `types`, with the values of parameters put in."""
    named = ([t] if not t.startswith("$") else rule.values[t[1:]] for t in rule.header.types)
    return [pattern for patterns in named for pattern in patterns]


def _any_matches(types: Collection[str], patterns: Collection[str]) -> bool:
    return any(fnmatchcase(kind, pattern) for kind in types for pattern in patterns)

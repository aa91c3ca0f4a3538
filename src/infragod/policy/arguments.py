"""How the values of rules reach their SQL: one table of all of them, of which each rule sees its own.

A table made for every list of every rule cost a check more than running the rule did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from infragod.policy.parameter import Columns
from infragod.policy.rules import Rule

COLUMNS: Final = {
    "rule": "VARCHAR",
    "parameter": "VARCHAR",
    "key": "VARCHAR",
    "value": "VARCHAR",
    "pattern": "VARCHAR",
    "amount": "DECIMAL(38,12)",
}
_ATTRIBUTES: Final = ""
"""Stands as the parameter's name in the rows that name the attributes which a rule asks for."""

_Row = tuple[Any, ...]


def columns(rules: Iterable[Rule]) -> Columns:
    """The rows of all rules, as columns."""
    rows = [row for rule in rules for row in _rows(rule)]
    return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}


def prelude(rule: Rule) -> str:
    """The tables `p_<name>` of a rule, and the attributes that its own header names, as the beginning of its SQL.

    Names are pasted, values never: the header's check lets small letters, digits, `-` and `_` through.
    """
    parts = [_parameter(rule, name) for name in _tables(rule)]
    if "attribute" in rule.facts.tables:
        asked = f"SELECT k.value FROM every_parameter AS k WHERE k.rule = '{rule.id}' AND k.parameter = ''"  # noqa: S608
        parts.append(f"attribute AS (SELECT a.* FROM every_attribute AS a WHERE a.name IN ({asked}))")  # noqa: S608
    return f"WITH {', '.join(parts)}\n" if parts else ""


def _parameter(rule: Rule, name: str) -> str:
    kind = next(p for p in rule.header.parameters if p.name == name)
    names = ["amount AS value" if t.startswith("DECIMAL") else c for c, t in (kind.table or {}).items()]
    where = f"rule = '{rule.id}' AND parameter = '{name}'"
    return f"p_{name} AS (SELECT {', '.join(names)} FROM every_parameter WHERE {where})"  # noqa: S608


def _tables(rule: Rule) -> list[str]:
    """The parameters that the rule reads as tables."""
    return [p.name for p in rule.header.parameters if p.table is not None and f"p_{p.name}" in rule.facts.tables]


def _rows(rule: Rule) -> Iterator[_Row]:
    yield from ((rule.id, _ATTRIBUTES, None, name, None, None) for name in rule.header.attributes)
    for name in _tables(rule):
        parameter = next(p for p in rule.header.parameters if p.name == name)
        given = parameter.columns(rule.values[name])
        for row in zip(*given.values(), strict=True):
            yield _row(rule.id, parameter.name, dict(zip(given, row, strict=True)), (parameter.table or {})["value"])


def _row(rule: str, parameter: str, cells: dict[str, Any], kind: str) -> _Row:
    value = cells["value"]
    text, amount = (None, value) if kind.startswith("DECIMAL") else (value, None)
    return rule, parameter, cells.get("key"), text, cells.get("pattern"), amount

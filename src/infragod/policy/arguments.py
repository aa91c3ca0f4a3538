"""How the values of rules reach their SQL: lists by a table of which each rule sees its own, scalars as literals.

A table made for every list of every rule cost a check more than running the rule did. Scalars stand in the statement so
that it can be prepared once: DuckDB plans a prepared statement anew for each execution with parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from infragod.focus import exact
from infragod.lake.tables import literal
from infragod.policy.contract import TABLES
from infragod.policy.parameter import Columns, Value
from infragod.policy.rules import Rule

PARAMETERS: Final = "every_parameter"
COLUMNS: Final = {
    "rule": "VARCHAR",
    "parameter": "VARCHAR",
    "key": "VARCHAR",
    "value": "VARCHAR",
    "pattern": "VARCHAR",
    "amount": "DECIMAL(38,12)",
}
_EVERY: Final = {"attribute": "every_attribute"}
"""Tables of which a rule sees a part under the table's own name."""
LOADED: Final = {**{_EVERY.get(name, name): types for name, types in TABLES.items()}, PARAMETERS: COLUMNS}
"""The tables in the engine."""
_SCALAR: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\$(\w+)""", re.DOTALL)

_MOST_KEPT: Final = 1000
_Row = tuple[Any, ...]


class Compiled:
    """What does not change from check to check: each rule's statement of the day, and the rows of its lists.

    Kept by the rule's own object, which lives as long as the bundle is in force.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Rule, date, str, list[_Row]]] = {}

    def statement(self, rule: Rule, today: date) -> str:
        """What is run for a rule."""
        return self._of(rule, today)[2]

    def columns(self, rules: Iterable[Rule], today: date) -> Columns:
        """The rows of the lists of all rules, as columns."""
        rows = [row for rule in rules for row in self._of(rule, today)[3]]
        return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}

    def _of(self, rule: Rule, today: date) -> tuple[Rule, date, str, list[_Row]]:
        kept = self._kept.get(id(rule))
        if kept is None or kept[0] is not rule or kept[1] != today:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[id(rule)] = rule, today, statement(rule, today), list(_rows(rule))
        return kept


def loaded_as(table: str) -> str:
    """The name under which `table` is in the engine."""
    return _EVERY.get(table, table)


def statement(rule: Rule, today: date) -> str:
    """What is run for a rule: its SQL with its values, and of its rows those that are worth a finding."""
    values = {name: today if name == "today" else rule.values[name] for name in rule.facts.scalars}
    sql = _SCALAR.sub(lambda found: _literal(values[found[1]]) if found[1] in values else found[0], rule.sql)
    return f"{_prelude(rule)}SELECT * FROM (\n{sql}\n) WHERE violation IS NOT FALSE"  # noqa: S608 - the operator's own file


def _prelude(rule: Rule) -> str:
    """The tables `p_<name>` of a rule, and the attributes that its own header names, as the beginning of its SQL."""
    parts = [_parameter(rule, name) for name in _tables(rule)]
    if "attribute" in rule.facts.tables:
        asked = ", ".join(map(literal, rule.header.attributes)) or "NULL"
        parts.append(f"attribute AS (SELECT a.* FROM every_attribute AS a WHERE a.name IN ({asked}))")  # noqa: S608
    return f"WITH {', '.join(parts)}\n" if parts else ""


def _literal(value: Value) -> str:
    """A scalar of the operator's settings, of the very type that the driver would give it as a parameter."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value).upper()
    kind = {date: "DATE", str: "VARCHAR"}.get(type(value)) or _decimal(value)
    return f"CAST({literal(exact(value) if isinstance(value, Decimal) else str(value))} AS {kind})"


def _decimal(value: Decimal) -> str:
    _, digits, exponent = value.as_tuple()
    scale = max(0, -int(exponent))
    return f"DECIMAL({max(len(digits) + max(0, int(exponent)), scale)},{scale})"


def _parameter(rule: Rule, name: str) -> str:
    kind = next(p for p in rule.header.parameters if p.name == name)
    names = ["amount AS value" if t.startswith("DECIMAL") else c for c, t in (kind.table or {}).items()]
    where = f"rule = '{rule.id}' AND parameter = '{name}'"
    return f"p_{name} AS (SELECT {', '.join(names)} FROM every_parameter WHERE {where})"  # noqa: S608


def _tables(rule: Rule) -> list[str]:
    """The parameters that the rule reads as tables."""
    return [p.name for p in rule.header.parameters if p.table is not None and f"p_{p.name}" in rule.facts.tables]


def _rows(rule: Rule) -> Iterator[_Row]:
    for name in _tables(rule):
        parameter = next(p for p in rule.header.parameters if p.name == name)
        given = parameter.columns(rule.values[name])
        for row in zip(*given.values(), strict=True):
            yield _row(rule.id, parameter.name, dict(zip(given, row, strict=True)), (parameter.table or {})["value"])


def _row(rule: str, parameter: str, cells: dict[str, Any], kind: str) -> _Row:
    value = cells["value"]
    text, amount = (None, value) if kind.startswith("DECIMAL") else (value, None)
    return rule, parameter, cells.get("key"), text, cells.get("pattern"), amount

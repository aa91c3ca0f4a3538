"""Run rules over the tables of a plan or of the estate, in a locked engine, and make findings of the rows they keep."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from infragod.errors import SetupError
from infragod.focus import exact
from infragod.lake.scratch import Bench, Pool
from infragod.policy import arguments, concern
from infragod.policy.contract import TABLES
from infragod.policy.rules import EFFECTS, Rule, RuleSet
from infragod.resource import Finding, Result

SECONDS: Final = 20.0
"""How long one rule may run before it is stopped."""

Tables = Mapping[str, Mapping[str, Sequence[Any]]]
ENGINES: Final = Pool(arguments.LOADED)
COMPILED: Final = arguments.Compiled()
_PLACE: Final = re.compile(r"\{(\w+)\}")


def run(rules: RuleSet, tables: Tables, *, today: date, seconds: float = SECONDS) -> list[Finding]:
    """Findings of the rules over `tables`, in the order of the rules' ids and of the plan."""
    addresses = tables.get("resource", {}).get("address", ())
    due = concern.due(rules.rules, tables)
    if not due:
        return []
    with ENGINES.borrowed(len(addresses)) as engine:
        for name in sorted({table for rule in due for table in rule.facts.tables} & set(TABLES) & set(tables)):
            engine.fill(arguments.loaded_as(name), tables[name])
        engine.fill(arguments.PARAMETERS, COMPILED.columns(due, today))
        order = {address: i for i, address in enumerate(addresses)}
        found = [sorted(judge(engine, rule, today, seconds), key=partial(_place, order)) for rule in due]
    return [finding for findings in found for finding in findings]


def _place(order: Mapping[str, int], finding: Finding) -> tuple[int, str, str]:
    """Where a finding stands: the plan and the teams first, then as the plan has it."""
    return order.get(finding.address, -1), finding.address, finding.message


def judge(engine: Bench, rule: Rule, today: date, seconds: float = SECONDS) -> list[Finding]:
    """Findings of one rule over the tables in `engine`."""
    names, rows = engine.run(COMPILED.statement(rule, today), seconds=seconds, what=rule.source)
    return [_finding(rule, dict(zip(names, row, strict=True))) for row in rows]


def _finding(rule: Rule, row: Mapping[str, Any]) -> Finding:
    violation, address = row["violation"], row["address"]
    if not isinstance(violation, bool | None) or not isinstance(address, str):
        raise SetupError(
            f"{rule.source} gives violation {violation!r} for address {address!r}; "
            f"violation is TRUE, FALSE or NULL, and an address is text: correct the file"
        )
    return Finding(
        rule=rule.id,
        level=rule.level,
        address=address,
        result=Result.VIOLATION if violation else Result.UNKNOWN,
        message=rule.header.title if row["message"] is None else str(row["message"]),
        mend=_PLACE.sub(lambda match: _text(row.get(match[1], match[0])), rule.header.mend),
        effect=EFFECTS[rule.level] if violation else rule.unknown_effect,
    )


def _text(value: Any) -> str:
    if value is None:
        return "?"
    return exact(value) if isinstance(value, Decimal) else str(value)

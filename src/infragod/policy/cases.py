"""Tests of rules: rows in, findings out, in a TOML file of the rule's name; a finding that nobody asserted fails.

    [[case]]
    name = "a missing key is named"
    settings = {keys = ["team"]}
    given.resource = '''
    address         | action
    aws_s3_bucket.a | create
    '''
    expect = '''
    address         | result    | message
    aws_s3_bucket.a | violation | lacks team
    '''

An empty cell is NULL and `""` is empty text; columns left out have the usual value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from infragod.errors import InputError, SetupError
from infragod.policy import levels
from infragod.policy.contract import TABLES
from infragod.policy.rules import Rule, RuleSet, near, with_settings
from infragod.policy.runner import run
from infragod.resource import Finding

TODAY: Final = date(2026, 11, 22)
KEYS: Final = ("name", "settings", "today", "given", "expect")
CHECKED: Final = ("address", "result", "message", "mend", "effect", "level")
Rows = list[dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class Case:
    """One test: the rule with settings, tables in, findings out."""

    name: str
    where: str
    settings: Mapping[str, Any]
    today: date
    given: Mapping[str, Rows]
    expect: Rows


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case; `faults` is empty where it passed."""

    case: Case
    faults: tuple[str, ...]


def read(path: Path) -> list[Case]:
    """The cases of one file; ``InputError`` names what is wrong in it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read the test file {path}: {error.strerror}; check its name and rights") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}; correct that line") from None
    cases = document.get("case")
    if not isinstance(cases, list) or not cases or set(document) != {"case"}:
        raise InputError(f"{path} holds no tests; write each as a [[case]] with name, given and expect")
    return [_case(case, f"{path}, case {number}") for number, case in enumerate(cases, 1)]


def judge(rule: Rule, case: Case) -> Outcome:
    """Run one case; a rule that is off by default is tested all the same."""
    rule = with_settings(rule, {"enabled": True, **case.settings}, f"{case.where}, settings")
    tables, alone = _tables(case), RuleSet((rule,), "")
    try:
        findings = levels.apply(run(alone, tables, today=case.today), alone, tables)
    except SetupError as error:
        return Outcome(case, (str(error),))
    return Outcome(case, tuple(_faults(case.expect, findings)))


def _case(case: Any, where: str) -> Case:
    if not isinstance(case, dict) or not isinstance(case.get("name"), str):
        raise InputError(f"{where} has no name; a test says what it shows")
    where = f"{where} ({case['name']})"
    for key in case:
        if key not in KEYS:
            raise InputError(f"{where} has the unknown key {key!r}{near(key, KEYS)}")
    given = {name: _rows(text, f"{where}, {name}") for name, text in case.get("given", {}).items()}
    for name, rows in given.items():
        _known(name, TABLES, where)
        for column in rows[0] if rows else ():
            _known(column, TABLES[name], f"{where}, {name}")
    expect = _rows(case.get("expect", ""), f"{where}, expect")
    for column in expect[0] if expect else ():
        _known(column, CHECKED, f"{where}, expect")
    return Case(case["name"], where, case.get("settings", {}), case.get("today", TODAY), given, expect)


def _known(name: str, names: Mapping[str, Any] | Sequence[str], where: str) -> None:
    if name not in names:
        raise InputError(f"{where}: there is no {name!r}{near(name, names)}")


def _rows(text: Any, where: str) -> Rows:
    """A table drawn with `|`: its first line names the columns."""
    if not isinstance(text, str):
        raise InputError(f"{where} is no text; draw the table with | between three quotes")
    lines = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]
    for line in lines[1:]:
        if len(line) != len(lines[0]):
            raise InputError(f"{where}: the line {' | '.join(line)!r} has {len(line)} cells, not {len(lines[0])}")
    return [dict(zip(lines[0], map(_cell, line), strict=True)) for line in lines[1:]]


def _cell(text: str) -> str | None:
    return None if not text else "" if text == '""' else text


def _tables(case: Case) -> dict[str, dict[str, list[Any]]]:
    rows = dict(case.given)
    rows.setdefault("plan", [{}])
    return {
        name: {c: [_value(t, _usual(name, c, row, case)) for row in rows.get(name, [])] for c, t in columns.items()}
        for name, columns in TABLES.items()
    }


def _usual(table: str, column: str, row: Mapping[str, str | None], case: Case) -> str | None:
    """The cell, or the usual value of a column that the table leaves out."""
    if column in row:
        return row[column]
    address = row.get("address") or ""
    kind = row.get("type") or next((p for p in address.split(".") if "_" in p and p != "module"), "")
    usual = {
        "plan": {
            "workspace": "shop-prod",
            "today": str(case.today),
            "month": f"{case.today:%Y-%m}",
            "currency": "USD",
            "complete": "true",
            "complete_before": "true",
            "monthly_cost": "0",
            "monthly_cost_before": "0",
        },
        "resource": {
            "module": "",
            "type": kind,
            "name": address.rpartition(".")[2].partition("[")[0],
            "provider": kind.partition("_")[0],
            "region_state": "known" if row.get("region") else "absent",
            "action": "create",
            "importing": "false",
            "deposed": "false",
            "taggable": "true",
            "tags_known": "true",
        },
        "attribute": {"state": "known" if row.get("value") is not None else "unknown"},
        "cost": {"complete": "true", "complete_before": "true", "monthly_cost_before": "0"},
        "budget": {"month": f"{case.today:%Y-%m}", "held": "0"},
        "component": {"basis": "fixed"},
    }
    return usual.get(table, {}).get(column)


def _value(sql_type: str, text: str | None) -> Any:
    return text if text is None or sql_type != "BOOLEAN" else text == "true"


def _faults(expect: Rows, findings: list[Finding]) -> list[str]:
    """What is asserted and did not come, and what came and is not asserted."""
    columns = list(expect[0]) if expect else ["address", "result", "message"]
    found = [{c: str(getattr(finding, c)) for c in columns} for finding in findings]
    missing = [f"expected, and did not come: {_shown(row)}" for row in expect if row not in found]
    extra = [f"came, and is not expected: {_shown(row)}" for row in found if row not in expect]
    twice = [f"came more than once: {_shown(row)}" for i, row in enumerate(found) if row in found[:i]]
    return missing + extra + twice


def _shown(row: Mapping[str, str | None]) -> str:
    return " | ".join("" if value is None else value for value in row.values())

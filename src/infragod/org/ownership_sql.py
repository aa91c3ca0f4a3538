"""The ownership rules as SQL expressions over a row of the bill: the one place where they become SQL text.

Everything of the customer's passes through ``_quoted``, the only function here that turns text into SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from infragod.org.ownership import FIELDS, Ownership, Rule, known_by

_COLUMNS = {
    "account": ('"SubAccountId"', '"BillingAccountId"'),
    "resource": ('"ResourceId"',),
    "terraform": ('"x_terraform_address"',),
    "workspace": ('"x_terraform_workspace"',),
    "repository": ('"x_terraform_repository"',),
}


def owner_columns(ownership: Ownership) -> dict[str, str]:
    """Expressions for x_team, x_service, x_environment, x_cost_centre and x_owner_by.

    They read the columns Tags, SubAccountId, BillingAccountId, ResourceId, x_terraform_address,
    x_terraform_workspace and x_terraform_repository; x_owner_by reads x_team too.
    """
    columns = {f"x_{name}": _first(_values(ownership.rules, name)) for name in FIELDS}
    return columns | {"x_owner_by": _owner_by(ownership.rules)}


def _values(rules: Sequence[Rule], name: str) -> list[str]:
    return [_value(r, name) for r in rules if r.gives == name or name in r.values]


def _first(expressions: Sequence[str]) -> str:
    return f"coalesce({', '.join(expressions)}, NULL)" if expressions else "NULL::VARCHAR"


def _value(rule: Rule, name: str) -> str:
    """The value that `rule` gives to `name`, NULL where it does not match."""
    if rule.gives is not None and not rule.tag_values:
        return _tag(rule)
    given = _tag(rule) if rule.gives is not None else _quoted(rule.values[name])
    return f"CASE WHEN {_condition(rule)} THEN {given} END"


def _owner_by(rules: Sequence[Rule]) -> str:
    """The kind of the first run of rules that gives a team; what no earlier run gave is the last one's."""
    giving = [r for r in rules if r.gives == "team" or "team" in r.values]
    runs = [(kind, list(run)) for kind, run in groupby(giving, key=known_by)]
    if not runs:
        return "NULL::VARCHAR"
    cases = [(_first([_value(r, "team") for r in run]), kind) for kind, run in runs[:-1]]
    cases.append(('"x_team"', runs[-1][0]))
    return f"CASE{''.join(f' WHEN {team} IS NOT NULL THEN {_quoted(kind)}' for team, kind in cases)} END"


def _condition(rule: Rule) -> str:
    if rule.kind == "tag":
        return like(_tag(rule), rule.tag_values) if rule.tag_values else f"{_tag(rule)} IS NOT NULL"
    return " OR ".join(like(f"nullif({column}, '')", rule.patterns) for column in _COLUMNS[rule.kind])


def _tag(rule: Rule) -> str:
    """The first of the rule's tags that is there and not empty."""
    lookups = [f"nullif(\"Tags\"[{_quoted(key)}], '')" for key in rule.patterns]
    return _first(lookups) if len(lookups) > 1 else lookups[0]


def like(value: str, patterns: Sequence[str]) -> str:
    """Whether the expression `value` is like one of the patterns, in which * stands for any characters, ? for one."""
    return "(" + " OR ".join(f"{value} LIKE {_quoted(_glob_to_like(p))} ESCAPE '!'" for p in patterns) + ")"


def _glob_to_like(pattern: str) -> str:
    return "".join({"*": "%", "?": "_", "%": "!%", "_": "!_", "!": "!!"}.get(c, c) for c in pattern)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

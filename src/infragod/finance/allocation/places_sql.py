"""Matches of `allocation.toml` as SQL over cells: the one place of allocation where the file's text becomes SQL.

All of it passes through ``literal``, ``quote`` and the ownership's ``like``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from infragod.finance.allocation import UNTAGGED, Allocation, Match, Rule
from infragod.finance.allocation.plan import TAG
from infragod.lake.tables import literal, quote
from infragod.org.ownership_sql import like

FOLDER: Final = Path(__file__).parents[2] / "sql" / "allocate"


@cache
def statement(name: str) -> str:
    """The SQL of `sql/allocate/<name>.sql`, without its header."""
    lines = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def columns(allocation: Allocation) -> list[str]:
    """The columns that any match reads."""
    matches: list[Match] = [r.match for r in (*allocation.overrides, *allocation.rules)]
    matches += [m for p in (*allocation.pools, allocation.untagged) for m in (p.match, p.of)]
    return sorted({column for match in matches for column in match})


def cells(allocation: Allocation) -> str:
    """The statement of the cells."""
    read = "".join(f"{_read(column)} AS {quote(column)}, " for column in columns(allocation))
    renamed = "".join(f" WHEN {literal(a)} THEN {literal(b)}" for a, b in sorted(allocation.renamed.items()))
    team = f"CASE x_team{renamed} ELSE x_team END" if renamed else "x_team"
    return statement("cells").replace("{dimensions}", read).replace("{team}", team)


def savings(allocation: Allocation) -> str:
    """The statement that moves the savings of commitments."""
    return statement("savings").replace("{to_buyer}", str(allocation.commitments.savings == "buyer"))


def places(allocation: Allocation) -> str:
    """The statement that says which place each cell is in."""
    saved = _pool_place(allocation.commitments.savings)
    cases = [("c.status = 'Saved'", saved)] if saved else []
    cases += [_rule(rule, f"override:{i}") for i, rule in enumerate(allocation.overrides)]
    unused = "c.status = 'Unused' AND c.commitment IS NOT NULL"
    if allocation.commitments.unused == "users":
        cases.append((f"{unused} AND u.commitment IS NOT NULL", "'pool:unused ' || c.commitment"))
    elif place := _pool_place(allocation.commitments.unused):
        cases.append((unused, place))
    cases += [(_both(condition(p.match), p.currency), literal(f"pool:{p.name}")) for p in allocation.pools if p.match]
    cases.append(("c.team IS NOT NULL", "'direct'"))
    cases += [_rule(rule, f"rule:{i}") for i, rule in enumerate(allocation.rules)]
    case = "".join(f" WHEN {when} THEN {then}" for when, then in cases)
    return statement("places").replace("{place}", f"CASE{case} ELSE {literal(f'pool:{UNTAGGED}')} END")


def keys(of: Match) -> str:
    """The statement of the cost that a proportional pool goes by."""
    return statement("keys").replace("{of}", condition(of, "") or "TRUE")


def condition(match: Match, table: str = "c.") -> str:
    """Whether a cell matches: every column one of its patterns, the empty one meaning that nothing is there."""
    return " AND ".join(_column(f"{table}{quote(name)}", patterns) for name, patterns in match.items())


def _column(column: str, patterns: Sequence[str]) -> str:
    tests = [f"COALESCE({column}, '') = ''"] if "" in patterns else []
    given = [p for p in patterns if p]
    plain = [literal(p) for p in given if not set(p) & {"*", "?"}]
    globs = [p for p in given if set(p) & {"*", "?"}]
    tests += [f"COALESCE({column} IN ({', '.join(plain)}), FALSE)"] if plain else []
    tests += [f"COALESCE({like(column, globs)}, FALSE)"] if globs else []
    return f"({' OR '.join(tests)})"


def _read(column: str) -> str:
    return f'"Tags"[{literal(column[len(TAG) :])}]' if column.startswith(TAG) else quote(column)


def _pool_place(target: str) -> str:
    return literal(target) if target.startswith("pool:") else ""


def _rule(rule: Rule, place: str) -> tuple[str, str]:
    when = _both(condition(rule.match), rule.currency)
    when += f" AND c.month >= {literal(rule.first)}" if rule.first else ""
    when += f" AND c.month <= {literal(rule.last)}" if rule.last else ""
    return when, literal(rule.to if rule.to.startswith("pool:") else place)


def _both(when: str, currency: str) -> str:
    return f"{when} AND c.currency = {literal(currency)}" if currency else when

"""From what was found to whose approval it needs: the first clause that fits each thing says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from infragod.approval.authority import TEAM_LEAD, Authority, Clause


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One thing that needs approval: what a rule found at an address, of which team and environment ("" unknown)."""

    rule: str
    address: str
    team: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """So many of these must approve; `by` is empty where no clause names anybody."""

    clause: str
    by: tuple[str, ...]
    count: int
    rules: tuple[str, ...]

    @property
    def who(self) -> str:
        """`2 of lead of checkout, finance`."""
        names = " or ".join(self.by) or "nobody"
        return names if self.count == 1 else f"{self.count} of {names}"


@dataclass(frozen=True, slots=True)
class Case:
    """What the clauses look at besides the things themselves; `amount` is what is known of the monthly increase."""

    workspace: str
    amount: Decimal
    complete: bool
    leads: Mapping[str, str]


def needs(authority: Authority, items: Iterable[Item], case: Case) -> tuple[Need, ...]:
    """The approvals that `items` need, in the order of the clauses; those that nobody may give come last."""
    groups: dict[tuple[int, tuple[str, ...]], set[str]] = {}
    for item in items:
        number = next((n for n, clause in enumerate(authority.clauses) if _fits(clause, item, case)), -1)
        by = _people(authority, authority.clauses[number].by, item, case) if number >= 0 else ()
        groups.setdefault((number, by), set()).add(item.rule)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0] < 0, group[0]))
    return tuple(_need(authority, number, by, rules) for (number, by), rules in ordered)


def _need(authority: Authority, number: int, by: tuple[str, ...], rules: set[str]) -> Need:
    if number < 0:
        return Need("", (), 1, tuple(sorted(rules)))
    clause = authority.clauses[number]
    return Need(clause.name, by, clause.count, tuple(sorted(rules)))


def _fits(clause: Clause, item: Item, case: Case) -> bool:
    return (
        matches(clause.rules, item.rule)
        and matches(clause.teams, item.team)
        and matches(clause.environments, item.environment)
        and matches(clause.workspaces, case.workspace)
        and _amount_fits(clause, case)
    )


def _amount_fits(clause: Clause, case: Case) -> bool:
    if not case.complete and not clause.incomplete:
        return clause.up_to is None
    over = clause.above is None or case.amount > clause.above
    return over and (clause.up_to is None or case.amount <= clause.up_to)


def _people(authority: Authority, by: tuple[str, ...], item: Item, case: Case) -> tuple[str, ...]:
    """`by` with the team's lead by name."""
    named: list[str] = []
    for name in by:
        found = lead(authority, case.leads.get(item.team, "")) if name == TEAM_LEAD else name
        if found:
            named.append(found)
    return tuple(dict.fromkeys(named))


def lead(authority: Authority, text: str) -> str:
    """The person or role that the organisation's word for a lead means; the word itself if it means nobody."""
    if text in authority.people or text in authority.roles:
        return text
    return next((p.name for p in authority.people.values() if text and text in {p.mail, *p.aliases}), text)


def matches(patterns: Iterable[str], text: str) -> bool:
    """True if one of `patterns` fits: `*` and `?` stand for anything, all else for itself."""
    return any(_pattern(pattern).fullmatch(text) for pattern in patterns)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    special = {"*": ".*", "?": "."}
    return re.compile("".join(special.get(c) or re.escape(c) for c in text), re.DOTALL)

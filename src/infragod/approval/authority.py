"""approvals.toml: the people, their roles and deputies, and who of them may approve what."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

TEAM_LEAD: Final = "team-lead"
"""In `by`: the lead that the organisation names for the team that owns what was judged."""
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """By what somebody is known here: `user` of the machine, `token` of the server, or `link` made for a person."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may approve; `aliases` are names that pipelines know them by: these bar, but never let in."""

    name: str
    users: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    mail: str = ""

    def has(self, account: Account) -> bool:
        """True if the account is this person's."""
        if account.kind == "link":
            return account.name == self.name
        return account.name in (self.users if account.kind == "user" else self.tokens)

    def is_called(self, name: str) -> bool:
        """True if `name` may mean this person, whatever kind of name it is."""
        return name == self.name or name in self.users | self.tokens | self.aliases


@dataclass(frozen=True, slots=True)
class Deputy:
    """`deputy` may act for `person` from the first day to the last, both included (UTC)."""

    person: str
    deputy: str
    first: date
    last: date

    def on(self, day: date) -> bool:
        """True if it is in force on that day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Clause:
    """Who may approve findings of these rules, teams, environments, workspaces and amounts, and how many of them.

    The amounts are what the plan adds a month. One that is not wholly known counts as above every limit, unless
    `incomplete` says that the known part of it is enough.
    """

    name: str
    by: tuple[str, ...]
    count: int = 1
    rules: tuple[str, ...] = ("*",)
    teams: tuple[str, ...] = ("*",)
    environments: tuple[str, ...] = ("*",)
    workspaces: tuple[str, ...] = ("*",)
    above: Decimal | None = None
    up_to: Decimal | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """What approvals.toml says; `digest` is of its text, and empty where there is no such file."""

    digest: str = ""
    people: Mapping[str, Person] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    deputies: tuple[Deputy, ...] = ()
    clauses: tuple[Clause, ...] = ()
    waivers_by: tuple[str, ...] = ()
    break_glass_by: tuple[str, ...] | None = None
    break_glass_hours: int = 4
    pending_days: int = 7
    approved_days: int = 7
    remind_days: int = 2
    known_requesters: bool = False

    def person(self, account: Account) -> Person | None:
        """Whose account it is; None if nobody's any more."""
        return next((person for person in self.people.values() if person.has(account)), None)

    def called(self, names: frozenset[str]) -> frozenset[str]:
        """The people that any of `names` may mean."""
        return frozenset(p.name for p in self.people.values() if any(p.is_called(name) for name in names))

    def members(self, names: tuple[str, ...]) -> frozenset[str]:
        """The people that `names`, of persons and roles, stand for today."""
        found = (member for name in names for member in self.roles.get(name, (name,)))
        return frozenset(name for name in found if name in self.people)


def digest_of(text: str) -> str:
    """The version of an approvals.toml."""
    return hashlib.sha256(text.encode()).hexdigest()

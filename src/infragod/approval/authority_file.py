"""Reading approvals.toml: each wrong thing in it is refused in one sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from infragod.approval.authority import TEAM_LEAD, Authority, Clause, Deputy, Person, digest_of
from infragod.errors import SetupError

_MOST_DAYS: Final = 90
_MOST_APPROVERS: Final = 20
_NAME_LENGTH: Final = 200
T = TypeVar("T")


def parse(text: str, where: str) -> Authority:
    """The authority that `text` gives; ``SetupError`` names the first thing in `where` that is wrong."""
    try:
        top = _Table(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{where} is not valid TOML: {error}; correct that line") from None
    people = {name: _person(name, table) for name, table in top.tables("people")}
    roles = top.table("roles").lists() if "roles" in top.given else {}
    names = _Names(where, people, roles)
    waivers, glass = top.table("waivers"), top.table("break_glass")
    made = Authority(
        digest=digest_of(text),
        people=people,
        roles=roles,
        deputies=tuple(_deputy(table, names) for table in top.array("deputy")),
        clauses=tuple(_clause(number, table, names) for number, table in enumerate(top.array("approve"), 1)),
        waivers_by=names.known(waivers.texts("by", ()), waivers.where),
        break_glass_by=names.known(glass.texts("by", ()), glass.where) if "by" in glass.given else None,
        break_glass_hours=glass.whole("hours", 4, 72),
        pending_days=top.whole("pending_days", 7, _MOST_DAYS),
        approved_days=top.whole("approved_days", 7, _MOST_DAYS),
        remind_days=top.whole("remind_days", 2, _MOST_DAYS),
        known_requesters=top.yes("known_requesters"),
    )
    for table in (waivers, glass, top):
        table.nothing_else()
    return made


def _person(name: str, table: _Table) -> Person:
    person = Person(
        name,
        frozenset(table.texts("users", ())),
        frozenset(table.texts("tokens", ())),
        frozenset(table.texts("aliases", ())),
        table.text("mail", ""),
    )
    table.nothing_else()
    return person


def _deputy(table: _Table, names: _Names) -> Deputy:
    for needed in ("for", "is", "from", "until"):
        table.need(needed)
    made = Deputy(table.text("for", ""), table.text("is", ""), table.day("from"), table.day("until"))
    for name in (made.person, made.deputy):
        if name not in names.people:
            raise SetupError(f"{table.where}: there is no person {name!r}; name one of [people]")
    if made.last < made.first:
        raise SetupError(f"{table.where}: until {made.last} is before from {made.first}; correct the dates")
    table.nothing_else()
    return made


def _clause(number: int, table: _Table, names: _Names) -> Clause:
    table.need("by")
    every = ("*",)
    made = Clause(
        name=table.text("name", f"clause {number}"),
        by=names.known(table.texts("by", ()), table.where, TEAM_LEAD),
        count=table.whole("count", 1, _MOST_APPROVERS),
        rules=table.texts("rules", every),
        teams=table.texts("teams", every),
        environments=table.texts("environments", every),
        workspaces=table.texts("workspaces", every),
        above=table.amount("above"),
        up_to=table.amount("up_to"),
        incomplete=table.yes("incomplete"),
    )
    if made.above is not None and made.up_to is not None and made.up_to <= made.above:
        raise SetupError(f"{table.where}: up_to {made.up_to} is not more than above {made.above}; correct the amounts")
    able = names.members(made.by)
    if TEAM_LEAD not in made.by and len(able) < made.count:
        raise SetupError(
            f"{table.where}: count is {made.count}, but by names {len(able)} people; name more, or ask for fewer"
        )
    table.nothing_else()
    return made


class _Names:
    """The names that a clause may use, each for one thing and each account for one person."""

    def __init__(self, where: str, people: Mapping[str, Person], roles: Mapping[str, tuple[str, ...]]) -> None:
        self.people, self.roles = people, roles
        for name in [*people, *roles]:
            if not 0 < len(name) <= _NAME_LENGTH or not name.isprintable() or name == TEAM_LEAD:
                raise SetupError(f"{where}: {name!r} is no name for a person or role; give it another one")
        if both := sorted(people.keys() & roles.keys()):
            raise SetupError(f"{where}: {both[0]!r} is a person and a role; give one of them another name")
        for role, members in roles.items():
            for member in members:
                if member not in people:
                    raise SetupError(f"{where}, [roles]: {role} has {member!r}, who is not in [people]; add or remove")
        for kind in ("users", "tokens", "aliases"):
            self._one_owner(where, kind, people.values())

    def _one_owner(self, where: str, kind: str, people: Iterable[Person]) -> None:
        owners: dict[str, str] = {}
        for person in people:
            for account in getattr(person, kind):
                if account in owners:
                    raise SetupError(
                        f"{where}: {account!r} in {kind} is of {owners[account]!r} and of {person.name!r}; "
                        f"leave it to one person"
                    )
                owners[account] = person.name

    def known(self, names: tuple[str, ...], where: str, *more: str) -> tuple[str, ...]:
        """`names` if each is a person's or a role's."""
        for name in names:
            if name not in self.people and name not in self.roles and name not in more:
                raise SetupError(f"{where}: by names {name!r}, who is neither in [people] nor in [roles]; correct it")
        return names

    def members(self, names: tuple[str, ...]) -> set[str]:
        """The people behind `names`."""
        return {member for name in names for member in self.roles.get(name, (name,))}


class _Table:
    """One table of the file: what is taken out of it is checked, and what is left over at the end is refused."""

    def __init__(self, given: Any, where: str) -> None:
        if not isinstance(given, dict):
            raise SetupError(f"{where} is no table; see docs/guides/approvals.md")
        self.given: dict[str, Any] = given
        self.where = where
        self._taken: set[str] = set()

    def _take(self, name: str, default: T, kind: str, fine: Callable[[Any], bool]) -> T:
        self._taken.add(name)
        value = self.given.get(name, default)
        if name in self.given and not fine(value):
            raise SetupError(f"{self.where}: {name} is {value!r}; it takes {kind}")
        return value  # type: ignore[no-any-return]

    def need(self, name: str) -> None:
        """Refuse a table without `name`."""
        if name not in self.given:
            raise SetupError(f"{self.where} lacks {name}; add it")

    def text(self, name: str, default: str) -> str:
        """A text."""
        return self._take(name, default, "a text", lambda v: isinstance(v, str) and bool(v) and v.isprintable())

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of texts that is not empty."""
        return tuple(self._take(name, default, "a list of texts", _is_texts))

    def lists(self) -> dict[str, tuple[str, ...]]:
        """The whole table as lists of texts."""
        return {name: self.texts(name, ()) for name in self.given}

    def whole(self, name: str, default: int, most: int) -> int:
        """A whole number from 1."""
        return self._take(name, default, f"a whole number from 1 to {most}", lambda v: type(v) is int and 0 < v <= most)

    def yes(self, name: str) -> bool:
        """True or false; false by default."""
        return self._take(name, False, "true or false", lambda v: isinstance(v, bool))  # noqa: FBT003

    def day(self, name: str) -> date:
        """A date without time."""
        good = lambda v: isinstance(v, date) and not isinstance(v, datetime)  # noqa: E731
        return self._take(name, date.min, "a date such as 2026-11-01", good)

    def amount(self, name: str) -> Decimal | None:
        """An amount of money as text or whole number; None where it is not given."""
        value = self._take(name, None, 'an amount such as "500.00"', _is_amount)
        return None if value is None else Decimal(value)

    def table(self, name: str) -> _Table:
        """A table in this one, empty where it is not there."""
        self._taken.add(name)
        return _Table(self.given.get(name, {}), f"{self.where}, [{name}]")

    def tables(self, name: str) -> Iterable[tuple[str, _Table]]:
        """The tables of a table, by name."""
        of = self.table(name)
        return [(key, _Table(value, f"{self.where}, [{name}.{key}]")) for key, value in of.given.items()]

    def array(self, name: str) -> list[_Table]:
        """An array of tables."""
        rows: list[Any] = self._take(name, [], f"tables headed [[{name}]]", lambda v: isinstance(v, list))
        return [_Table(row, f"{self.where}, [[{name}]] number {n}") for n, row in enumerate(rows, 1)]

    def nothing_else(self) -> None:
        """Refuse what nobody asked for: a typing error must not drop a condition."""
        if unknown := sorted(self.given.keys() - self._taken):
            known = ", ".join(sorted(self._taken))
            raise SetupError(f"{self.where} has {unknown[0]!r}, which means nothing there; known are {known}")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v and v.isprintable() for v in value)


def _is_amount(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return False
    return amount.is_finite() and amount >= 0

"""The start of a usage file: the keys that a plan leaves open, those that matter most first, as lines to fill in.

All lines are comments until somebody fills them in: a file that was just begun changes no estimate.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from infragod.focus import unit_price
from infragod.price.item import Asked, Item, Unpriceable
from infragod.price.joins import Joins, changes_of
from infragod.price.recipes import dimensions_of, recipe_of
from infragod.price.recipes.dimension import CHOICES
from infragod.price.sheet import CURRENCY, Prices
from infragod.price.usage import Measure, Usage
from infragod.resource import Action, Change, Plan, Resource

HEAD: Final = "# Expected usage a month. A line counts once its # is taken away; without it, what is measured counts.\n"
_HEADER: Final = re.compile(r"""^\s*\[\s*("(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)\s*\]\s*(?:#.*)?$""")
_SHOWN: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Line:
    """One usage key that a resource leaves open: what it is for, and how much of it the bills know."""

    key: str
    title: str
    price: Decimal | None
    unit: str
    per: int | None
    measure: Measure | None

    @property
    def weight(self) -> Decimal:
        """What it typically costs a month; where nobody knows how much is typical, what one unit costs."""
        if self.price is None:
            return Decimal(0)
        siblings = self.measure.siblings if self.measure else None
        typical = self.measure.quantity if self.measure else None
        typical = siblings.p50 if typical is None and siblings else typical
        return self.price * (Decimal(1) if typical is None else typical)

    def text(self) -> Iterator[str]:
        """The line of the file, below what a person should know of it."""
        price = "no price" if self.price is None else unit_price(self.price.normalize(), CURRENCY)
        yield f"# {self.title}: {price} per {self.unit}"
        value = ""
        if self.measure is not None and self.measure.quantity is not None:
            value = f"{_plain(self.measure.quantity * self.per)}" if self.per else ""
            yield f"# {_counted(self.measure.quantity, self.unit)}: {self.measure.note}"
        elif self.measure is not None and self.measure.siblings is not None:
            found = self.measure.siblings
            yield f"# {found.count} of this type in the company: half use up to {_counted(found.p50, self.unit)}"
        yield f"# {self.key} = {value}".rstrip()


@dataclass(frozen=True, slots=True)
class Section:
    """The open keys of one section, and the resources that they are of."""

    name: str
    addresses: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def weight(self) -> Decimal:
        """What its resources typically cost by what is open."""
        return sum((line.weight for line in self.lines), Decimal(0)) * len(self.addresses)


@dataclass(slots=True)
class Begun:
    """The text of the file, which keys are new in it and for what, and how many were there already."""

    text: str
    added: list[tuple[str, Section]] = field(default_factory=list)
    there: int = 0


def sections(plan: Plan, prices: Prices, usage: Usage) -> list[Section]:
    """What the plan leaves open, what matters most first; resources that share all share a section."""
    joins = Joins(plan)
    found: dict[str, list[tuple[str, tuple[Line, ...]]]] = {}
    for change in changes_of(plan):
        resource = _priced(change)
        lines = _lines(resource, joins, prices, usage) if resource is not None else ()
        if lines:
            found.setdefault(change.type, []).append((change.address, lines))
    made = [section for kind, held in found.items() for section in _shared(kind, held)]
    return sorted(made, key=lambda section: (-section.weight, section.name))


def _priced(change: Change) -> Resource | None:
    is_gone = change.deposed or change.action in (Action.DELETE, Action.FORGET)
    return None if is_gone else change.after


def _lines(resource: Resource, joins: Joins, prices: Prices, usage: Usage) -> tuple[Line, ...]:
    recipe = recipe_of(resource.type)
    if recipe is None:
        return ()
    from datetime import UTC, datetime

    item = Item(resource, joins, prices, Usage((), usage.measured), datetime.now(UTC).date())
    try:
        list(recipe(item))
    except Unpriceable:
        return ()
    made: dict[str, Line] = {}
    for asked in item.asked:
        for key in _keys(resource.type, asked):
            per = asked.per if key == asked.key else None
            line = Line(key, asked.name, asked.rate.price, asked.unit, per, item.measured(asked.rate))
            if key not in made or (made[key].per is None and per is not None):
                made[key] = line
    return tuple(sorted(made.values(), key=lambda line: (-line.weight, line.key)))


def _keys(kind: str, asked: Asked) -> Iterable[str]:
    """The key that was asked for, with those that it makes no sense without."""
    if asked.per is not None:
        return (asked.key,)
    together = (dimension.usage for dimension in dimensions_of(kind) if asked.key in dimension.usage)
    return (key for key in max(together, key=len, default=(asked.key,)) if key not in CHOICES)


def _shared(kind: str, held: Sequence[tuple[str, tuple[Line, ...]]]) -> Iterator[Section]:
    """One section for the type where all say the same; else one for each block, or for each instance of it."""
    if len(held) > 1 and _alike(held):
        yield Section(kind, tuple(address for address, _ in held), held[0][1])
        return
    blocks: dict[str, list[tuple[str, tuple[Line, ...]]]] = {}
    for address, lines in held:
        blocks.setdefault(re.sub(r"\[[^\]]*\]$", "", address), []).append((address, lines))
    for block, instances in blocks.items():
        if len(instances) > 1 and _alike(instances):
            yield Section(f"{block}[*]", tuple(address for address, _ in instances), instances[0][1])
        else:
            yield from (Section(address, (address,), lines) for address, lines in instances)


def _alike(held: Sequence[tuple[str, tuple[Line, ...]]]) -> bool:
    return all(lines == held[0][1] for _, lines in held)


def begin(wanted: Sequence[Section], present: str, known: Usage, kinds: Mapping[str, str]) -> Begun:
    """The file with what is missing in it; every line that it has stays as and where it is.

    `kinds` has the type of each address: what the file says of a type is not missing.
    """
    begun = Begun("")
    rows = present.splitlines()
    for section in wanted:
        place = _place(rows, section.name)
        missing = [
            line
            for line in section.lines
            if not _is_there(line.key, section, known, kinds) and not _is_offered(line.key, rows, place)
        ]
        begun.there += len(section.lines) - len(missing)
        begun.added += [(line.key, section) for line in missing]
        new = [row for line in missing for row in line.text()]
        if new and place is not None:
            rows[place[1] : place[1]] = new
        elif new:
            rows += [*([""] if rows else []), f"[{_quoted(section.name)}]", *new]
    begun.text = ("" if present else f"{HEAD}\n") + "".join(f"{row}\n" for row in rows)
    return begun


def _is_there(key: str, section: Section, known: Usage, kinds: Mapping[str, str]) -> bool:
    return all(known.find(address, kinds[address], key) is not None for address in section.addresses)


def _is_offered(key: str, rows: Sequence[str], place: tuple[int, int] | None) -> bool:
    """Whether the section has the key already: filled in, or as a comment still."""
    begin, end = place or (0, 0)
    return any(re.match(rf"\s*#?\s*{re.escape(key)}\s*=", row) for row in rows[begin:end])


def _place(rows: Sequence[str], name: str) -> tuple[int, int] | None:
    """Where the section of that name begins, and where its last line ends."""
    heads = [(number, match[1]) for number, row in enumerate(rows) if (match := _HEADER.match(row))]
    for index, (number, head) in enumerate(heads):
        if next(iter(tomllib.loads(f"{head} = 0"))) == name:
            end = heads[index + 1][0] if index + 1 < len(heads) else len(rows)
            while end > number + 1 and not rows[end - 1].strip():
                end -= 1
            return number, end
    return None


def _counted(quantity: Decimal, unit: str) -> str:
    """`1,204.5 GB`; `118.375 × 1M requests` where the unit begins with a number itself."""  # noqa: RUF002
    shown = f"{quantity.quantize(_SHOWN).normalize():,f}"
    return f"{shown} × {unit}" if unit[:1].isdigit() else f"{shown} {unit}"  # noqa: RUF001


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(number: Decimal) -> str:
    return f"{number.quantize(_SHOWN).normalize():f}" if number >= _SHOWN else f"{number.normalize():f}"

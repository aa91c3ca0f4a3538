"""Expected usage: `usage.toml` says, by address, pattern or type, how much a resource is used a month.

    ["aws_nat_gateway.main"]
    monthly_data_processed_gb = 500
    ["module.shop.*"]
    ["aws_lambda_function"]

The most exact section wins, key by key: the address, then a pattern (`*`, `?`; of several the longest), then the type.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import translate
from pathlib import Path
from re import Pattern
from re import compile as regex
from typing import Any, Protocol

from infragod.errors import InputError
from infragod.resource import Commitment, PricedResource

FILE_NAME = "usage.toml"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of one usage key is expected, and who says so."""

    value: Decimal | str
    note: str


Name = tuple[str, str, str, str]
"""What a price is called: provider, service, region, key."""


@dataclass(frozen=True, slots=True)
class Siblings:
    """What resources of a kind use of one thing: of the `count` that use any, half use at most `p50`."""

    count: int
    p50: Decimal
    p90: Decimal


@dataclass(frozen=True, slots=True)
class Measure:
    """How much the bills say a resource uses, in the units of a price: `quantity` is None where it may only be near."""

    quantity: Decimal | None
    note: str
    siblings: Siblings | None = None

    def shared(self, factor: Decimal) -> Measure:
        """The same in units that are each `factor` of these."""
        quantity = None if self.quantity is None else self.quantity / factor
        siblings = self.siblings and Siblings(
            self.siblings.count, self.siblings.p50 / factor, self.siblings.p90 / factor
        )
        return Measure(quantity, self.note, siblings)


class MeasuredUsage(Protocol):
    """What is measured: of the resource itself, else of its siblings; see `infragod.price.measured`."""

    def find(self, address: str, kind: str, name: Name) -> Measure | None:
        """How much of what the price `name` is of the resource at `address` uses, or None."""

    def cover(self, resources: Sequence[PricedResource]) -> tuple[Commitment, ...]:
        """What of the resources unused commitments could cover."""


class UsageSource(Protocol):
    """Anything that knows usage by its key: the files here."""

    def find(self, address: str, kind: str, key: str) -> Amount | None:
        """The usage of the resource at `address`, of type `kind`, or None."""


@dataclass(frozen=True, slots=True)
class UsageFile:
    """The sections of one usage file."""

    name: str
    exact: Mapping[str, Mapping[str, Decimal | str]]
    patterns: Sequence[tuple[Pattern[str], Mapping[str, Decimal | str]]]
    keys: frozenset[str] = field(init=False)
    """The keys that any section has: most that a recipe asks for are in none."""

    def __post_init__(self) -> None:
        sections = (*self.exact.values(), *(section for _, section in self.patterns))
        object.__setattr__(self, "keys", frozenset(key for section in sections for key in section))

    def find(self, address: str, kind: str, key: str) -> Amount | None:
        """The most exact section's amount."""
        if key not in self.keys:
            return None
        for section in self._sections(address, kind):
            if key in section:
                return Amount(section[key], self.name)
        return None

    def _sections(self, address: str, kind: str) -> list[Mapping[str, Decimal | str]]:
        matching = [section for pattern, section in self.patterns if pattern.fullmatch(address)]
        return [self.exact.get(address, {}), *matching, self.exact.get(kind, {})]


@dataclass(frozen=True, slots=True)
class Usage:
    """Sources of usage in the order they are asked, and what is measured where they say nothing."""

    sources: tuple[UsageSource, ...] = field(default=())
    measured: MeasuredUsage | None = None

    def find(self, address: str, kind: str, key: str) -> Amount | None:
        """The first source's amount, or None: unknown is not zero."""
        for source in self.sources:
            found = source.find(address, kind, key)
            if found is not None:
                return found
        return None

    def measure(self, address: str, kind: str, name: Name) -> Measure | None:
        """The measured usage, or None."""
        return None if self.measured is None else self.measured.find(address, kind, name)

    def cover(self, resources: Sequence[PricedResource]) -> tuple[Commitment, ...]:
        """What of the resources unused commitments could cover; nothing where no bills are known."""
        return () if self.measured is None else self.measured.cover(resources)


def read(path: Path) -> Usage:
    """The usage file; ``InputError`` names the first wrong line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read the usage file {path}: {error.strerror}; check its name and rights") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> Usage:
    """The usage in a file's text."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where} is not valid TOML: {error}; correct that line") from None
    sections = {name: _section(name, values, where) for name, values in document.items()}
    patterns = sorted((name for name in sections if _is_pattern(name)), key=lambda name: (-len(name), name))
    exact = {name: section for name, section in sections.items() if not _is_pattern(name)}
    compiled = [(regex(translate(_literal_brackets(name))), sections[name]) for name in patterns]
    return Usage((UsageFile(Path(where).name, exact, compiled),))


def _is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


def _literal_brackets(name: str) -> str:
    """A pattern's `[` stands for itself: it is an index of an address, no set of letters."""
    return name.replace("[", "[[]")


def _section(name: str, values: Any, where: str) -> dict[str, Decimal | str]:
    if not isinstance(values, dict):
        raise InputError(f'{where}: {name} is no section; write ["{name}"] and its keys below it')
    return {key: _value(name, key, value, where) for key, value in values.items()}


def _value(name: str, key: str, value: Any, where: str) -> Decimal | str:
    from infragod.price.recipes import usage_keys

    known = usage_keys()
    if key not in known:
        raise InputError(
            f"{where}, [{name}]: {key!r} is no usage key; docs/reference/recipes.md lists those of each type"
        )
    choices = known[key]
    if choices:
        if value not in choices:
            raise InputError(f"{where}, [{name}]: {key} is {value!r}; it is one of {', '.join(choices)}")
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise InputError(f"{where}, [{name}]: {key} is {value!r}, which is no number; give a number a month")
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise InputError(f"{where}, [{name}]: {key} is {value}; give a number of 0 or more")
    return number

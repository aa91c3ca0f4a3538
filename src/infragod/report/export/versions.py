"""What a FOCUS file of each version holds: its columns in order, and where the lake has them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from infragod.focus import FOCUS_COLUMNS, OUR_COLUMNS, Column, Kind

REMOVED: Final = (
    Column("ProviderName", Kind.TEXT, "0.5", mandatory=True, nullable=False),
    Column("PublisherName", Kind.TEXT, "0.5", mandatory=True, nullable=False),
)
"""What 1.4 removed; the lake keeps them as `x_…`."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the file, and the lake's column that it is taken from."""

    name: str
    column: Column

    @property
    def demanded(self) -> bool:
        """Whether FOCUS forbids it to be empty."""
        return not self.column.nullable and not self.name.startswith("x_")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of FOCUS: its columns, and those of the lake that it has no column for."""

    name: str
    columns: tuple[Field, ...]
    ours: tuple[Field, ...]
    later: tuple[Column, ...]

    def fields(self, kept: Collection[str] = ()) -> tuple[Field, ...]:
        """The file's columns, by name, then ours; of the `later` ones those `kept` stand as `x_…`."""
        held = tuple(Field(f"x_{c.name}", c) for c in self.later if c.name in kept)
        return (*self.columns, *held, *self.ours)


def _older(name: str) -> Version:
    """A version before 1.4, which had the names that 1.4 removed."""
    removed = {c.name for c in REMOVED}
    there = [Field(c.name, c) for c in FOCUS_COLUMNS if _number(c.since) <= _number(name)]
    there += [Field(c.name, Column(f"x_{c.name}", c.kind, c.since, c.mandatory, c.nullable)) for c in REMOVED]
    ours = tuple(Field(c.name, c) for c in OUR_COLUMNS if c.name.removeprefix("x_") not in removed)
    later = tuple(c for c in FOCUS_COLUMNS if _number(c.since) > _number(name))
    return Version(name, tuple(sorted(there, key=lambda f: f.name)), ours, later)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


VERSIONS: Final[dict[str, Version]] = {
    "1.2": _older("1.2"),
    "1.4": Version(
        "1.4", tuple(Field(c.name, c) for c in FOCUS_COLUMNS), tuple(Field(c.name, c) for c in OUR_COLUMNS), ()
    ),
}

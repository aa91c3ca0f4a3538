"""Terraform's types of AWS, and which IAM actions they take: the table `services.toml`, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

NO_SERVICE: Final = "-"
_READS: Final = ("Describe*", "Get*", "List*")
_LISTS: Final = ("read", "write", "everywhere", "passes", "guard")


@dataclass(frozen=True, slots=True)
class Part:
    """A service of AWS, or a part of one, as an IAM policy speaks of it."""

    service: str
    name: str = ""
    read: tuple[str, ...] = _READS
    write: tuple[str, ...] = ("*",)
    everywhere: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    guard: tuple[str, ...] = ()
    world: bool = False
    linked: bool = False

    def actions(self, patterns: tuple[str, ...]) -> set[str]:
        """The patterns with the service before them."""
        return {f"{self.service}:{pattern}" for pattern in patterns}


@cache
def parts() -> Mapping[str, Part]:
    """The beginning of a type's name to its part."""
    table = tomllib.loads(files(__package__).joinpath("services.toml").read_text(encoding="utf-8"))
    found: dict[str, Part] = {}
    for service, facts in table.items():
        below = {name: value for name, value in facts.items() if isinstance(value, dict)}
        own = {name: value for name, value in facts.items() if name not in below}
        for name, values in [("", own), *below.items()] if own else below.items():
            part = _part(service, name, values)
            found |= dict.fromkeys(values["types"], part)
    return found


def of(kind: str, more: Mapping[str, str]) -> Part | None:
    """The part that the type `kind` belongs to; `more` names services of types that the table lacks."""
    if kind in more:
        return Part(more[kind])
    table = parts()
    words = kind.split("_")
    names = ("_".join(words[:length]) for length in range(len(words), 1, -1))
    return next((table[name] for name in names if name in table), None)


def _part(service: str, name: str, values: Mapping[str, Any]) -> Part:
    lists = {key: tuple(values[key]) for key in _LISTS if key in values}
    return Part(service, name, world=values.get("global", False), linked=values.get("linked", False), **lists)

"""Which machines equal which: families by kind and generation, and regions by area."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

PREFIXES: Final = ("db.", "cache.")
"""What services put before a machine type."""
_TYPE: Final = re.compile(r"(?P<family>[a-z]+\d+[a-z]*(?:-[a-z]+)?)(?P<rest>[.-].+)")
_NUMBER: Final = re.compile(r"\d+")
NOTES: Final[Mapping[str, str]] = {
    "x86": "",
    "amd": "an AMD processor",
    "arm": "Arm: images must be built for it",
    "shared": "any processor that is free, no GPU and no local SSD",
}


@dataclass(frozen=True, slots=True)
class Equal:
    """A machine type that equals another: `kind` is x86, amd, arm or shared."""

    type: str
    kind: str


@cache
def _document() -> Mapping[str, Any]:
    text = files("infragod.price.advice").joinpath("families.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def equals(provider: str, machine: str) -> tuple[Equal, ...]:
    """The machine types that equal `machine` and are no older; none for metal, and for what is in no list."""
    prefix = next((prefix for prefix in PREFIXES if machine.startswith(prefix)), "")
    match = _TYPE.fullmatch(machine.removeprefix(prefix))
    if match is None or match["rest"].startswith(".metal"):
        return ()
    return tuple(
        Equal(f"{prefix}{family}{match['rest']}", kind)
        for kinds in _document().get(provider, {}).values()
        for family, kind in _others(kinds, match["family"])
    )


def _others(kinds: Mapping[str, list[str]], family: str) -> Iterator[tuple[str, str]]:
    own = next((kind for kind, families in kinds.items() if family in families), None)
    if own is None:
        return
    for kind, families in kinds.items():
        for other in families:
            if other != family and _may_follow(family, own, other, kind):
                yield other, kind


def _may_follow(family: str, own: str, other: str, kind: str) -> bool:
    """A later generation of any kind, or the same generation of another kind; what is shared follows N1 alone."""
    if kind == "shared" or own == "shared":
        return own == "x86" and family.startswith("n1-")
    if own == "arm" and kind != "arm":
        return False
    generation, later = _generation(family), _generation(other)
    return later > generation or (later == generation and kind != own)


def _generation(family: str) -> int:
    match = _NUMBER.search(family)
    return int(match[0]) if match else 0


@cache
def near(provider: str, region: str) -> tuple[str, ...]:
    """The other regions of the same area."""
    for area in _document()["regions"].get(provider, ()):
        if region in area:
            return tuple(other for other in area if other != region)
    return ()

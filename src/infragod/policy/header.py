"""The header of a rule file: the lines at its top that begin with `--` and hold TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from infragod.errors import SetupError
from infragod.policy.parameter import DIRECTIONS, SCALAR_TYPES, TABLE_TYPES, Parameter
from infragod.resource import PLAN_TABLES, Action, Level

AT: Final = ("plan", "estate")
UNKNOWN: Final = ("warn", "approve", "deny")
REQUIRED: Final = ("id", "title", "why", "level", "at", "unknown", "mend")
OPTIONAL: Final = ("pack", "owner", "types", "actions", "needs", "enabled", "attributes", "parameters")
OWN: Final = "own"
"""The pack of a rule that names none."""
PARAMETER_KEYS: Final = ("type", "default", "tighter", "help")
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
RESERVED: Final = ("today", "level", "enabled", "unknown", "for", "owner")


@dataclass(frozen=True, slots=True)
class Header:
    """What a rule file says of itself.

    `types`, `actions` and `needs` say what must be there for it to find anything: without it the rule is not run.
    """

    id: str
    pack: str
    title: str
    why: str
    level: Level
    at: tuple[str, ...]
    unknown: str
    mend: str
    enabled: bool
    types: tuple[str, ...]
    actions: tuple[str, ...]
    needs: tuple[str, ...]
    attributes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    owner: str = ""


@lru_cache(maxsize=1024)
def split(text: str) -> tuple[str, str]:
    """The header's TOML and the SQL of a rule file; line numbers of the SQL stay those of the file."""
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    toml = "\n".join(line[2:].removeprefix(" ") for line in lines[:end])
    return toml, "\n" * end + "\n".join(lines[end:])


def parse(text: str, where: str) -> Header:
    """The header of the rule file `text`; ``SetupError`` names the line or the key that is wrong."""
    try:
        document = tomllib.loads(split(text)[0], parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{where}: the header is not valid TOML: {error}; correct that line") from None
    _keys(document, REQUIRED, REQUIRED + OPTIONAL, where)
    parameters = _parameters(document.get("parameters", {}), where)
    return Header(
        id=_matching(document["id"], _ID, "id", "small letters, digits and hyphens", where),
        pack=_matching(document.get("pack", OWN), _ID, "pack", "small letters, digits and hyphens", where),
        title=_text(document["title"], "title", where),
        why=_text(document["why"], "why", where),
        level=Level(_one_of(document["level"], tuple(Level), "level", where)),
        at=_texts(document["at"], "at", where, AT),
        unknown=_one_of(document["unknown"], UNKNOWN, "unknown", where),
        mend=_text(document["mend"], "mend", where),
        enabled=_boolean(document.get("enabled", True), "enabled", where),
        types=_types(document.get("types", []), parameters, where),
        actions=_texts(document.get("actions", []), "actions", where, tuple(Action)),
        needs=_needs(document.get("needs", []), parameters, where),
        attributes=_texts(document.get("attributes", []), "attributes", where),
        parameters=parameters,
        owner=_text(document.get("owner", ""), "owner", where, empty=True),
    )


def _keys(document: Mapping[str, Any], required: tuple[str, ...], known: tuple[str, ...], where: str) -> None:
    for key in required:
        if key not in document:
            raise SetupError(f"{where}: the header lacks {key}; it has at least {', '.join(required)}")
    for key in document:
        if key not in known:
            raise SetupError(f"{where}: the header has the unknown key {key!r}; known are {', '.join(known)}")


def _types(value: Any, parameters: tuple[Parameter, ...], where: str) -> tuple[str, ...]:
    known = tuple(f"${p.name}" for p in parameters if p.type == "patterns")
    for item in _texts(value, "types", where):
        if item.startswith("$"):
            _one_of(item, known, "a parameter of type patterns in types", where)
    return tuple(value)


def _needs(value: Any, parameters: tuple[Parameter, ...], where: str) -> tuple[str, ...]:
    known = (*(p.name for p in parameters), *PLAN_TABLES)
    for name in (name for item in _texts(value, "needs", where) for name in item.split(" or ")):
        _one_of(name, known, "needs", where)
    return tuple(value)


def _parameters(document: Any, where: str) -> tuple[Parameter, ...]:
    if not isinstance(document, dict):
        raise SetupError(f"{where}: parameters is no table; write [parameters.<name>]")
    return tuple(_parameter(name, spec, where) for name, spec in document.items())


def _parameter(name: str, spec: Any, where: str) -> Parameter:
    at = f"{where}: parameter {name}"
    _matching(name, _NAME, "name", "small letters, digits and _", at)
    if name in RESERVED or not isinstance(spec, dict):
        raise SetupError(f"{at}: the name is taken, or it is no table; write [parameters.<another name>]")
    _keys(spec, ("type", "help"), PARAMETER_KEYS, at)
    kind = _one_of(spec["type"], (*SCALAR_TYPES, *TABLE_TYPES), "type", at)
    tighter = _text(spec.get("tighter", ""), "tighter", at, empty=True)
    if tighter and kind not in DIRECTIONS.get(tighter, ()):
        fitting = ", ".join(d for d, kinds in DIRECTIONS.items() if kind in kinds) or "none"
        raise SetupError(f"{at}: tighter = {tighter!r} does not fit a {kind}; fitting: {fitting}")
    parameter = Parameter(name, kind, None, tighter, _text(spec["help"], "help", at))
    return Parameter(name, kind, _default(parameter, spec, at), tighter, parameter.help)


def _default(parameter: Parameter, spec: Mapping[str, Any], where: str) -> Any:
    """The default; without one a scalar is NULL (no limit) and a list is empty."""
    if "default" not in spec:
        return (
            None if parameter.table is None else parameter.parse([] if parameter.type in ("list", "patterns") else {})
        )
    try:
        return parameter.parse(spec["default"])
    except ValueError as error:
        raise SetupError(f"{where}: the default is not {error}; correct it") from None


def _text(value: Any, key: str, where: str, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or empty):
        raise SetupError(f'{where}: {key} is no text; write {key} = "…"')
    return value


def _boolean(value: Any, key: str, where: str) -> bool:
    if not isinstance(value, bool):
        raise SetupError(f"{where}: {key} is {value!r}; it is true or false")
    return value


def _matching(value: Any, pattern: re.Pattern[str], key: str, form: str, where: str) -> str:
    text = _text(value, key, where)
    if not pattern.fullmatch(text):
        raise SetupError(f"{where}: the {key} {text!r} is not made of {form}; change it")
    return text


def _one_of(value: Any, allowed: tuple[str, ...], key: str, where: str) -> str:
    if value not in allowed:
        raise SetupError(f"{where}: {key} is {value!r}; it is one of {', '.join(allowed)}")
    return str(value)


def _texts(value: Any, key: str, where: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise SetupError(f'{where}: {key} is no list; write {key} = ["…"]')
    for item in value:
        if allowed:
            _one_of(item, allowed, key, where)
        _text(item, key, where)
    return tuple(value)

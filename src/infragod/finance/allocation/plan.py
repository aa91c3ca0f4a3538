"""Reads `allocation.toml`; every fault is one sentence with the place it stands at."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from infragod.errors import InputError, SetupError
from infragod.finance.allocation import METHODS, TARGETS, UNTAGGED, Allocation, Commitments, Match, Pool, Rule
from infragod.focus import COST_COLUMNS, Kind, Period

FILE: Final = "allocation.toml"
TAG: Final = "Tags."
_COLUMNS: Final = tuple(c.name for c in COST_COLUMNS if c.kind is Kind.TEXT)
_TABLES: Final = (*("pool", "override", "rule", "commitments", "untagged", "renamed", "cycles", "suspense", "usage"),)
_POOL: Final = ("method", "to", "except", "percent", "of", "key", "if_zero")
_MATCHED: Final = ("name", "why", "match", "currency")
_NEEDS: Final[Mapping[str, str]] = {"even": "to", "fixed": "percent", "proportional": "to", "usage": "key"}
_HUNDRED: Final = Decimal(100)


def read(path: Path) -> Allocation:
    """What the file says; where there is none, every row is its owner's."""
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"cannot read {path}: {error}; it has to be readable UTF-8 text") from None
    return parse(text, str(path))


def parse(text: str, where: str = FILE) -> Allocation:
    """What TOML `text` says; ``InputError`` names the first mistake."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where} is not valid TOML: {error}; correct that line") from None
    _known(document, _TABLES, where)
    found = Allocation(
        tuple(_pool(t, f"{where}, pool {i}") for i, t in enumerate(_list(document, "pool", where), 1)),
        tuple(_override(t, f"{where}, override {i}") for i, t in enumerate(_list(document, "override", where), 1)),
        tuple(_rule(t, f"{where}, rule {i}") for i, t in enumerate(_list(document, "rule", where), 1)),
        _commitments(_table(document, "commitments", where), where),
        _untagged(_table(document, "untagged", where), where),
        {k: _text(v, k, f"{where}, renamed") for k, v in _table(document, "renamed", where).items()},
        _one_of(document.get("cycles", "refuse"), ("refuse", "solve"), "cycles", where),
        _text(document.get("suspense", "suspense"), "suspense", where),
        _text(document["usage"], "usage", where) if "usage" in document else "",
    )
    _consistent(found, where)
    return found


def _pool(table: dict[str, Any], where: str) -> Pool:
    _known(table, (*_MATCHED, *_POOL), where)
    name = _text(table.get("name"), "name", where)
    where = f"{where} ({name})"
    if name == UNTAGGED:
        raise InputError(f"{where} has the name of what nobody owns; use [untagged] for that, or another name")
    return _given(name, table, _matched(table, where), where)


def _untagged(table: dict[str, Any], where: str) -> Pool:
    _known(table, _POOL, f"{where}, untagged")
    return _given(UNTAGGED, {"method": "keep"} | table, {}, f"{where}, untagged")


def _given(name: str, table: dict[str, Any], match: Match, where: str) -> Pool:
    """How a pool is given away."""
    method = _one_of(table.get("method"), METHODS, "method", where)
    needed = _NEEDS.get(method)
    if needed and needed not in table:
        raise InputError(f"{where} has the method {method} without {needed}; say {needed} = …")
    percent = {_target(k, where): _percent(v, k, where) for k, v in _table(table, "percent", where).items()}
    if percent and sum(percent.values()) != _HUNDRED:
        raise InputError(f"{where} gives away {sum(percent.values())} per cent; make its percentages sum to 100")
    return Pool(
        name,
        method,
        match,
        tuple(_target(t, where) for t in _texts(table.get("to", []), "to", where)),
        tuple(_target(t, where) for t in _texts(table.get("except", []), "except", where)),
        percent,
        _match(table["of"], f"{where}, of") if "of" in table else {},
        _text(table["key"], "key", where) if "key" in table else "",
        _one_of(table.get("if_zero", "refuse"), ("refuse", "even", "suspense"), "if_zero", where),
        _text(table["currency"], "currency", where) if "currency" in table else "",
    )


def _override(table: dict[str, Any], where: str) -> Rule:
    _known(table, ("match", "to", "reason", "date", "from", "until", "currency"), where)
    dated = table.get("date")
    if not isinstance(dated, date):
        raise InputError(f"{where} has no date; say when it was decided: date = 2026-10-05")
    first, last = (str(Period.parse(_text(table[n], n, where))) if n in table else "" for n in ("from", "until"))
    reason = _text(table.get("reason"), "reason", where)
    match, to = _matched(table, where), _target(_text(table.get("to"), "to", where), where)
    return Rule(match, _single(to, where), reason, dated, first, last, table.get("currency", ""))


def _rule(table: dict[str, Any], where: str) -> Rule:
    _known(table, (*_MATCHED, "to"), where)
    to = _target(_text(table.get("to"), "to", where), where)
    return Rule(_matched(table, where), _single(to, where), currency=table.get("currency", ""))


def _commitments(table: dict[str, Any], where: str) -> Commitments:
    where = f"{where}, commitments"
    _known(table, ("unused", "savings"), where)
    said = {name: _text(value, name, where) for name, value in table.items()}
    for name, value in said.items():
        if value not in ("buyer", "users") and not value.startswith("pool:"):
            raise InputError(f"{where} has {name} = {value!r}; it is buyer, users or a pool as pool:NAME")
    return Commitments(**said)


def _consistent(found: Allocation, where: str) -> None:
    """Pools have names of their own, and those that others name are there."""
    names = [p.name for p in found.pools]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{where} has two pools named {name!r}; give each a name of its own")
    commitments = [v for v in (found.commitments.unused, found.commitments.savings) if v.startswith("pool:")]
    given = [t for p in (*found.pools, found.untagged) for t in (*p.to, *p.percent)]
    for target in (*given, *(r.to for r in (*found.overrides, *found.rules)), *commitments):
        kind, _, name = target.partition(":")
        if kind == "pool" and "*" not in name and name not in names:
            raise InputError(f"{where} names the pool {name!r}, which is not there; pools are {', '.join(names)}")


def _matched(table: dict[str, Any], where: str) -> Match:
    match = _match(table.get("match"), where)
    if not match:
        raise InputError(f'{where} matches no row; say which it is for, as match.ServiceName = "AWS Support*"')
    return match


def _match(value: Any, where: str) -> Match:
    if not isinstance(value, dict):
        raise InputError(f'{where} needs columns of the bill and patterns, as match.ServiceName = "AWS Support*"')
    for column in value:
        if column not in _COLUMNS and not (column.startswith(TAG) and len(column) > len(TAG)):
            raise InputError(
                f'{where} matches {column!r}, which is no text column of the bill; tags are "{TAG}key", in quotes'
            )
    return {column: _texts(patterns, column, where, empty=True) for column, patterns in sorted(value.items())}


def _target(text: str, where: str) -> str:
    kind, _, name = text.partition(":")
    if kind not in TARGETS or not name:
        raise InputError(f"{where} gives to {text!r}; a target is team:NAME, service:NAME or pool:NAME")
    return text


def _single(target: str, where: str) -> str:
    if "*" in target or "?" in target:
        raise InputError(f"{where} gives to {target!r}; rows go to one target, several make a pool")
    return target


def _percent(value: Any, name: str, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise InputError(f"{where} gives {name} {value!r} per cent; it has to be a number")
    if value < 0:
        raise InputError(f"{where} gives {name} {value} per cent; a key is never negative")
    return Decimal(value).normalize()


def _known(table: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    for name in table:
        if name not in names:
            raise InputError(f"{where} has {name!r}, which is not known here; known are {', '.join(sorted(names))}")


def _table(document: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise InputError(f"{where} has a {name} that is no table; write it as [{name}]")
    return found


def _list(document: Mapping[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
        raise InputError(f"{where} has a {name} that is no list of tables; begin each with [[{name}]]")
    return found


def _one_of(value: Any, among: tuple[str, ...], name: str, where: str) -> str:
    if value not in among:
        raise InputError(f"{where} has {name} = {value!r}; it is one of {', '.join(among)}")
    return str(value)


def _texts(value: Any, name: str, where: str, *, empty: bool = False) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple("" if empty and item == "" else _text(item, name, where) for item in items)


def _text(value: Any, name: str, where: str) -> str:
    if not isinstance(value, str) or not value or re.search(r"[\x00-\x1f]", value):
        raise InputError(f"{where} has {name} = {value!r}; it has to be text, and not empty")
    return value

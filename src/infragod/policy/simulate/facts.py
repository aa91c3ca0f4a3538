"""What the rules saw of a plan, packed small: the tables of what changes, without any sensitive value.

The plan was masked before it became tables. Of what stays as it is only the rows of `resource` are kept, for rules
count them; of teams and services only those that the plan is about, for a rule asks whether one exists. An address
stands once, in `resource`; elsewhere its place there stands for it.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from infragod.policy.contract import TABLES

Tables = Mapping[str, Mapping[str, Sequence[Any]]]
VERSION: Final = 1
_BY_ADDRESS: Final = ("tag", "attribute", "cost", "component", "owner")
_NAMED: Final = {"team": "team", "service": "service"}
_STANDING: Final = ("no-op", "read")


@dataclass(frozen=True, slots=True)
class Facts:
    """The tables of one decision, and the attributes that somebody had asked for."""

    tables: Tables
    attributes: frozenset[str]


def pack(tables: Tables, attributes: Collection[str]) -> bytes:
    """`tables` of what changes, compressed."""
    resource = tables["resource"]
    pairs = zip(resource["address"], resource["action"], strict=True)
    changed = {address for address, action in pairs if action not in _STANDING}
    kept = {name: _kept(name, table, tables, changed) for name, table in tables.items() if name in TABLES}
    places = {address: i for i, address in enumerate(resource["address"])}
    for name in _BY_ADDRESS:
        if name in kept:
            kept[name] = {**kept[name], "address": [places[address] for address in kept[name]["address"]]}
    document = {"version": VERSION, "attributes": sorted(attributes), "tables": kept}
    return zlib.compress(msgspec.json.encode(document), 6)


def unpack(body: bytes) -> Facts:
    """What `pack` made, with columns that came later as NULL."""
    document = msgspec.json.decode(zlib.decompress(body))
    tables = {}
    for name, columns in TABLES.items():
        given = document["tables"].get(name, {})
        rows = len(next(iter(given.values()), ()))
        tables[name] = {column: given.get(column, [None] * rows) for column in columns}
    addresses = tables["resource"]["address"]
    for name in _BY_ADDRESS:
        tables[name]["address"] = [addresses[place] for place in tables[name]["address"]]
    return Facts(tables, frozenset(document["attributes"]))


def _kept(name: str, table: Mapping[str, Sequence[Any]], tables: Tables, changed: Collection[str]) -> Mapping[str, Any]:
    if name in _BY_ADDRESS:
        return _filtered(table, [address in changed for address in table["address"]])
    if name == "reference":
        ends = zip(table["address"], table["target"], strict=True)
        return _filtered(table, [address in changed or target in changed for address, target in ends])
    if name in _NAMED:
        column = _NAMED[name]
        wanted = set(tables.get("owner", {}).get(column, ()))
        return _filtered(table, [i == 0 or value in wanted for i, value in enumerate(table[column])])
    return table


def _filtered(table: Mapping[str, Sequence[Any]], keep: Sequence[bool]) -> dict[str, list[Any]]:
    return {column: [v for v, kept in zip(values, keep, strict=True) if kept] for column, values in table.items()}

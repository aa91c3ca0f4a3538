"""A state as the backend stores it: its header, and which objects it holds; the values stay in the bytes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from infragod.errors import InputError
from infragod.terraform.address import joined

FORMAT: Final = 4
LONGEST: Final = 200
LARGEST_SERIAL: Final = 2**63 - 1


class _Attributes(msgspec.Struct):
    id: Any = None


class _Instance(msgspec.Struct):
    index_key: int | str | None = None
    deposed: str | None = None
    attributes: _Attributes | None = None


class _Resource(msgspec.Struct):
    type: str
    name: str
    module: str = ""
    mode: str = "managed"
    instances: list[_Instance] = []


class _State(msgspec.Struct):
    version: int
    lineage: str
    serial: int
    terraform_version: str = ""
    resources: list[_Resource] | None = None


@dataclass(frozen=True, slots=True)
class Object:
    """A managed object of a state: its type, and the id that its provider gave it (empty where it has none)."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class StateDocument:
    """What the backend reads of a state. `objects` are the managed ones by address; deposed ones are left out."""

    lineage: str
    serial: int
    terraform_version: str
    objects: Mapping[str, Object]


def parse(data: bytes, where: str) -> StateDocument:
    """The state in `data`; ``InputError`` if it is none."""
    try:
        state = msgspec.json.decode(data, type=_State)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(f"{where} is no Terraform state: {str(error) or 'it is no JSON'}; send a state file") from None
    if state.version != FORMAT:
        raise InputError(
            f"{where} is a state of format {state.version}, and format {FORMAT} is stored here; "
            "upgrade it by a current Terraform"
        )
    if not 0 < len(state.lineage) <= LONGEST or not 0 <= state.serial <= LARGEST_SERIAL:
        raise InputError(f"{where} has no usable lineage and serial; send a state that Terraform wrote")
    return StateDocument(state.lineage, state.serial, state.terraform_version[:LONGEST], dict(_objects(state)))


def empty(seed: str) -> bytes:
    """A state that holds nothing, always the same for one `seed`.

    An apply that read the `decoy` before it locked keeps that in mind until it is told otherwise; "there is no state"
    tells it nothing.
    """
    lineage = str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
    state = {"version": FORMAT, "terraform_version": "1.0.0", "serial": 0, "lineage": lineage}
    return json.dumps({**state, "outputs": {}, "resources": []}).encode()


def with_serial(data: bytes, serial: int) -> bytes:
    """The same state under another serial; every other value stays as it is written."""
    top = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({**top, "serial": serial})


def _objects(state: _State) -> Iterator[tuple[str, Object]]:
    for resource in state.resources or ():
        if resource.mode != "managed":
            continue
        base = joined(resource.module, f"{resource.type}.{resource.name}")
        for instance in resource.instances:
            if instance.deposed is None:
                id_ = instance.attributes.id if instance.attributes else None
                yield base + _key(instance.index_key), Object(resource.type, "" if id_ is None else str(id_))


def _key(key: int | str | None) -> str:
    """An instance key as Terraform writes it in addresses."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    quoted = json.dumps(key, ensure_ascii=False)
    return "[" + quoted.replace("${", "$${").replace("%{", "%%{") + "]"

"""Terraform's state file, versions 3 and 4 (OpenTofu's too), as the resources that a bill may name.

Of the attributes only ids and tags are kept, see `state_ids`; what the state marks as sensitive is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from infragod.errors import InputError
from infragod.terraform import state_ids
from infragod.terraform.sensitive import secret_name
from infragod.terraform.source import place

MEND: Final = "give the state itself, as `terraform state pull` prints it"


@dataclass(frozen=True, slots=True)
class StateResource:
    """A managed resource that exists: where it stands, its own ids, the ids of what it contains, its tags."""

    address: str
    module: str
    type: str
    provider: str
    ids: tuple[str, ...]
    held: tuple[str, ...]
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class State:
    """One state: its lineage, its serial, who wrote it, and what exists by it."""

    lineage: str
    serial: int
    terraform_version: str
    resources: tuple[StateResource, ...]


class _Top(Struct):
    version: int | None = None
    terraform_version: str | None = None
    serial: int = 0
    lineage: str | None = None
    resources: Raw | UnsetType = UNSET
    modules: Raw | UnsetType = UNSET
    backend: Raw | UnsetType = UNSET
    encrypted_data: Raw | UnsetType = UNSET
    format_version: str | None = None


class _Instance(Struct):
    attributes: dict[str, Any] | None = None
    attributes_flat: dict[str, str] | None = None
    sensitive_attributes: list[Any] | None = None
    index_key: str | int | float | None = None


class _Resource(Struct):
    type: str
    name: str
    mode: str = "managed"
    module: str = ""
    provider: str = ""
    instances: list[_Instance] = []


class _Primary(Struct):
    id: str | None = None
    attributes: dict[str, str] | None = None


class _Old(Struct):
    type: str
    provider: str = ""
    primary: _Primary | None = None
    deposed: list[_Primary | None] | None = None


class _Module(Struct):
    path: list[str]
    resources: dict[str, _Old] = {}


def read(data: bytes, where: str) -> State:
    """The state in `data`; ``InputError`` says what is there instead."""
    try:
        top = msgspec.json.decode(data, type=_Top)
        _refuse(top, where)
        resources = tuple(_new(top.resources) if top.version == 4 else _old(top.modules))  # noqa: PLR2004
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        what = place(error) if isinstance(error, msgspec.ValidationError) else "it is not valid JSON"
        raise InputError(f"{where} is no Terraform state: {what}; {MEND}") from None
    return State(top.lineage or "", top.serial, top.terraform_version or "", resources)


def _refuse(top: _Top, where: str) -> None:
    if top.encrypted_data is not UNSET:
        raise InputError(f"{where} is a state encrypted by OpenTofu; give its plain text by `tofu state pull`")
    if top.format_version is not None:
        raise InputError(f"{where} is what `terraform show -json` prints, without the ids of deposed objects; {MEND}")
    if top.backend is not UNSET:
        raise InputError(f"{where} only says where the state is kept; {MEND}")
    if top.version is None:
        raise InputError(f"{where} has no version, so it is no Terraform state; {MEND}")
    if top.version not in (3, 4):
        raise InputError(
            f"{where} has state version {top.version}, and this InfraGod reads 3 and 4; "
            "write it with Terraform 0.12 or newer, or update InfraGod"
        )


def _new(raw: Raw | UnsetType) -> Iterator[StateResource]:
    for resource in msgspec.json.decode(raw, type=list[_Resource] | None) or () if raw is not UNSET else ():
        provider = _provider(resource.provider)
        if resource.mode != "managed" or not state_ids.billed(provider):
            continue
        base = f"{resource.module}.{resource.type}.{resource.name}".removeprefix(".")
        for instance in resource.instances:
            values = _values(resource.type, instance)
            address = base + _index(instance.index_key)
            yield _resource(address, resource.module, resource.type, provider, values)


def _values(kind: str, instance: _Instance) -> dict[str, Any]:
    """The attributes that may be read, without those that hold something sensitive anywhere."""
    if instance.attributes is None:
        return _unflattened(kind, instance.attributes_flat or {})
    marked = {name for path in instance.sensitive_attributes or () if (name := _first_step(path))}
    names = {*state_ids.read_attributes(kind), *state_ids.TAGS} - marked
    return {n: v for n in names if (v := instance.attributes.get(n)) is not None}


def _first_step(path: Any) -> str | None:
    """The attribute that a sensitive path begins at."""
    step = path[0] if isinstance(path, list) and path else path
    value = step.get("value") if isinstance(step, dict) else None
    return value if isinstance(value, str) else None


def _resource(address: str, module: str, kind: str, provider: str, values: dict[str, Any]) -> StateResource:
    return StateResource(
        address,
        module,
        kind,
        provider,
        state_ids.own(kind, values),
        state_ids.held(kind, values),
        state_ids.tags(values, secret_name),
    )


def _index(key: str | float | None) -> str:
    if key is None:
        return ""
    if isinstance(key, str):
        quoted = json.dumps(key, ensure_ascii=False)
        return f"[{quoted.replace('${', '$${').replace('%{', '%%{')}]"
    return f"[{int(key)}]"


def _provider(text: str) -> str:
    """`aws` of `provider["registry.terraform.io/hashicorp/aws"].west`, and of `provider.aws.west`."""
    _, quote, rest = text.partition('["')
    if quote:
        return rest.partition('"')[0].rpartition("/")[2]
    parts = text.rpartition("provider.")[2].split(".")
    return parts[0]


def _old(raw: Raw | UnsetType) -> Iterator[StateResource]:
    """The resources of a state of Terraform before 0.12, whose attributes are flat text."""
    for module in msgspec.json.decode(raw, type=list[_Module] | None) or () if raw is not UNSET else ():
        path = ".".join(f"module.{name}" for name in module.path[1:])
        for key, resource in module.resources.items():
            provider = _provider(resource.provider) or resource.type.partition("_")[0]
            if key.startswith("data.") or not state_ids.billed(provider):
                continue
            for primary in (resource.primary, *(resource.deposed or ())):
                if primary is not None:
                    values = _unflattened(resource.type, {"id": primary.id or "", **(primary.attributes or {})})
                    yield _resource(_old_address(path, key), path, resource.type, provider, values)


def _old_address(module: str, key: str) -> str:
    name, _, last = key.rpartition(".")
    return f"{module}.{name}[{last}]".removeprefix(".") if last.isdigit() else f"{module}.{key}".removeprefix(".")


def _unflattened(kind: str, flat: dict[str, str]) -> dict[str, Any]:
    """`{"a.0.b": x}` as `{"a": {"0": {"b": x}}}`; counts (`a.#`, `a.%`) are left out."""
    wanted = {*state_ids.read_attributes(kind), *state_ids.TAGS}
    values: dict[str, Any] = {}
    for name, value in flat.items():
        head, _, rest = name.partition(".")
        if head not in wanted or name.endswith((".#", ".%")):
            continue
        steps = [head, rest] if head in state_ids.TAGS and rest else name.split(".")
        _set(values, steps, value)
    return values


def _set(values: dict[str, Any], steps: list[str], value: str) -> None:
    """Put `value` where the steps lead; a path through something that is no map is left out."""
    for step in steps[:-1]:
        values = values.setdefault(step, {})
        if not isinstance(values, dict):
            return
    values[steps[-1]] = value

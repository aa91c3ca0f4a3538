"""What the configuration names in an attribute, followed through modules; worked out when somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from infragod.resource import Change
from infragod.terraform.address import joined, module_path, without_keys
from infragod.terraform.configuration import DEPTH, ConfigurationView, decoded
from infragod.terraform.format import ConfigModule, ConfigResource

_KEY: Final = r'(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?'
_MODULE = re.compile(rf"module\.([^.\[]+)({_KEY})\.([^.\[]+)")
_RESOURCE = re.compile(rf"((?:data\.)?[^.\[]+\.[^.\[]+)({_KEY})")
_OWN: Final = frozenset({"each", "count", "path", "terraform", "self", "local"})


class References(Mapping[str, Mapping[str, tuple[str, ...]]]):
    """Address → attribute path → addresses; a reference that leads nowhere is left out."""

    def __init__(self, view: ConfigurationView, changes: Sequence[Change]) -> None:
        self._view = view
        self._changes = changes
        self._found: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._index: dict[str, Change] | None = None
        self._instances: dict[str, list[str]] = {}

    def __getitem__(self, address: str) -> Mapping[str, tuple[str, ...]]:
        if address not in self._found:
            self._found[address] = self._of(self._changes_by_address()[address])
        return self._found[address]

    def __iter__(self) -> Iterator[str]:
        return iter(self._changes_by_address())

    def __len__(self) -> int:
        return len(self._changes_by_address())

    def __repr__(self) -> str:
        return f"<references of {len(self._changes)} changes>"

    def _changes_by_address(self) -> dict[str, Change]:
        if self._index is None:
            self._index = {c.address: c for c in self._changes}
            for address in self._index:
                self._instances.setdefault(without_keys(address), []).append(address)
        return self._index

    def _of(self, change: Change) -> Mapping[str, tuple[str, ...]]:
        module = self._view.module(change.module_address)
        block = _block(module, change)
        if block is None:
            return {}
        each = decoded(block.for_each_expression)
        found: dict[str, tuple[str, ...]] = {}
        for path, names in _leaves(decoded(block.expressions), ""):
            own = [*names, *(_strings(each) if any(n.startswith("each.") for n in names) else ())]
            addresses = self._follow(own, change.module_address, DEPTH)
            if addresses:
                found[path] = tuple(dict.fromkeys(_paired(addresses, change, names)))
        return found

    def _follow(self, names: Sequence[str], module: str, depth: int) -> list[str]:
        """The addresses that expressions' `names` in `module` lead to."""
        if not depth:
            return []
        longest = [n for n in names if not any(o != n and o.startswith((f"{n}.", f"{n}[")) for o in names)]
        return [a for name in longest for a in self._target(name, module, depth)]

    def _target(self, name: str, module: str, depth: int) -> list[str]:
        head = name.partition(".")[0].partition("[")[0]
        if head == "var":
            return self._variable(name.split(".")[1].partition("[")[0], module, depth) if "." in name else []
        if head == "module":
            return self._output(name, module, depth)
        match = None if head in _OWN else _RESOURCE.match(name)
        return self._matching(joined(module, match[1]), match[2]) if match else []

    def _variable(self, name: str, module: str, depth: int) -> list[str]:
        steps = module_path(module)
        if not steps:
            return []
        parent = ".".join(f"module.{n}{key}" for n, key in steps[:-1])
        outer = self._view.module(parent)
        call = (outer.module_calls or {}).get(steps[-1][0]) if outer else None
        names = _strings(decoded(call.expressions).get(name)) if call else []
        if call and any(n.startswith("each.") for n in names):
            names = [*names, *_strings(decoded(call.for_each_expression))]
        return self._follow(names, parent, depth - 1)

    def _output(self, name: str, module: str, depth: int) -> list[str]:
        match = _MODULE.match(name)
        if not match:
            return []
        inner = joined(module, f"module.{match[1]}{match[2]}")
        config = self._view.module(inner)
        output = (config.outputs or {}).get(match[3]) if config else None
        return self._follow(_strings(decoded(output.expression)), inner, depth - 1) if output else []

    def _matching(self, address: str, key: str) -> list[str]:
        """The instances in the plan that `address` may mean; itself where the plan has none."""
        self._changes_by_address()
        wanted = address + key
        found = self._instances.get(without_keys(address), [])
        if wanted in found:
            return [wanted]
        return [a for a in found if _means(a, address, key)] or [wanted]


def _means(instance: str, address: str, key: str) -> bool:
    """Whether `address`, perhaps without some instance keys, can mean `instance`."""
    if key and not instance.endswith(key):
        return False
    asked, there = module_path(address), module_path(instance)
    return all(a[1] in ("", t[1]) for a, t in zip(asked, there, strict=False))


def _paired(addresses: list[str], change: Change, names: Sequence[str]) -> list[str]:
    """Of several instances the one of the same key, where the expression goes by its own key."""
    if change.index is None or not any(n.startswith(("each.", "count.")) for n in names):
        return addresses
    own_key = change.address[change.address.rfind(f".{change.name}[") + len(change.name) + 1 :]
    return [a for a in addresses if a.endswith(own_key)] or addresses


def _block(module: ConfigModule | None, change: Change) -> ConfigResource | None:
    wanted = f"{change.type}.{change.name}"
    blocks = (module.resources or ()) if module else ()
    return next((b for b in blocks if b.address == wanted), None)


def _leaves(expressions: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    """(attribute path, names) of every expression that names something."""
    if isinstance(expressions, list):
        for i, block in enumerate(expressions):
            yield from _leaves(block, f"{path}.{i}")
    elif isinstance(expressions, dict):
        names = expressions.get("references")
        if isinstance(names, list) and all(isinstance(n, str) for n in names):
            yield path, names
        if names is not None or "constant_value" in expressions:
            return
        for name, below in expressions.items():
            yield from _leaves(below, f"{path}.{name}" if path else name)


def _strings(expression: Any) -> list[str]:
    return [name for _, names in _leaves(expression, "x") for name in names]

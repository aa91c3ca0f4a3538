"""The configuration in a plan: which provider configuration serves a resource, and what is known of that.

Expressions are references, not values: what a constant or a single variable gives is known, all else is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from msgspec import Raw, UnsetType

from infragod.resource import UNKNOWN, Unknown
from infragod.terraform.address import joined, module_path, without_keys
from infragod.terraform.format import ConfigModule, ConfigProvider, Configuration, ConfigVariable, Variable
from infragod.terraform.sensitive import scalars, secret_parts

_VARIABLE = re.compile(r"var\.([^.\[]+)((?:\.[^.\[]+)*)\Z")
DEPTH: Final = 32  # modules within modules, and outputs of outputs, are followed this far


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What the configuration tells of one provider configuration; `region` is None where it names none."""

    region: str | Unknown | None = None
    zone: str | Unknown | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)  # default_tags or default_labels that are constants


class ConfigurationView:
    """The configuration of one plan, with the values of its root variables."""

    def __init__(self, configuration: Configuration, variables: Mapping[str, Raw]) -> None:
        self._root = configuration.root_module or ConfigModule()
        self._providers = configuration.provider_config or {}
        self._variables = variables
        self._merged: dict[tuple[str, str, str], ProviderFacts] = {}
        self._keys: dict[str, str] | None = None
        self._expressions: dict[str, dict[str, Raw | UnsetType]] = {}

    @property
    def root(self) -> ConfigModule:
        """The root module."""
        return self._root

    @property
    def providers(self) -> Mapping[str, ConfigProvider]:
        """The provider configurations by their keys."""
        return self._providers

    def module(self, address: str) -> ConfigModule | None:
        """The module at `address` (instance keys don't matter); None where the configuration lacks it."""
        module: ConfigModule | None = self._root
        for name, _ in module_path(address):
            call = (module.module_calls or {}).get(name) if module else None
            module = call.module if call else None
        return module

    def is_set(self, module: str, block: str, attribute: str) -> bool:
        """Whether the configuration gives `attribute` of the block (`type.name`) in `module` an expression."""
        where = without_keys(module)
        if where not in self._expressions:
            found = self.module(where)
            blocks = (found.resources or ()) if found else ()
            self._expressions[where] = {b.address: b.expressions for b in blocks}
        return attribute in decoded(self._expressions[where].get(block, msgspec.UNSET))

    def provider(self, address: str, module: str, name: str) -> ProviderFacts:
        """What is known of the provider configuration that serves the resource at `address` in `module`."""
        block = without_keys(address)
        cut = without_keys(module)
        key = self._provider_keys().get(block, "") if block else ""
        at = (key, cut if not key else "", name)
        if at not in self._merged:
            self._merged[at] = self._merge([self.facts(p) for p in self._candidates(key, cut, name)])
        return self._merged[at]

    def secrets(self) -> frozenset[Any]:
        """The scalars of the root variables that are sensitive, by declaration or by name."""
        declared = self._root.variables or {}
        found: set[Any] = set()
        for name in self._variables:
            value = self._variable(name)
            sensitive = declared.get(name, ConfigVariable()).sensitive
            found |= scalars(value) if sensitive else secret_parts(name, value)
        return frozenset(found)

    def _provider_keys(self) -> dict[str, str]:
        if self._keys is None:
            self._keys = dict(_keys("", self._root, DEPTH))
        return self._keys

    def _candidates(self, key: str, module: str, name: str) -> list[ConfigProvider]:
        """The provider configurations that may serve: one, if the plan tells."""
        found = self._providers.get(key)
        if found is not None and (found.expressions is not msgspec.UNSET or not found.module_address):
            return [found]
        for ancestor in _ancestors(module):
            inherited = [
                self._providers[k] for k in (f"{ancestor}:{name}", f"{_last(ancestor)}:{name}") if k in self._providers
            ]
            if inherited and inherited[0].expressions is not msgspec.UNSET:
                return inherited[:1]
        wanted = (p for k, p in self._providers.items() if _local_name(k) == name)
        return [p for p in wanted if not p.module_address or p.expressions is not msgspec.UNSET]

    def facts(self, provider: ConfigProvider) -> ProviderFacts:
        """What one provider configuration tells by itself."""
        expressions = provider.expressions or {}
        module = provider.module_address or ""
        defaults = _default_tags(expressions)
        return ProviderFacts(
            self._text(expressions.get("region"), module), self._text(expressions.get("zone"), module), defaults
        )

    def _merge(self, facts: list[ProviderFacts]) -> ProviderFacts:
        """What all candidates agree on."""
        if not facts:
            return ProviderFacts()
        first = facts[0]
        region = first.region if all(f.region == first.region for f in facts) else UNKNOWN
        zone = first.zone if all(f.zone == first.zone for f in facts) else UNKNOWN
        tags = {k: v for k, v in first.tags.items() if all(f.tags.get(k) == v for f in facts)}
        return ProviderFacts(region, zone, tags)

    def _text(self, expression: Any, module: str) -> str | Unknown | None:
        """The text that an expression gives; None where there is no expression."""
        if expression is None:
            return None
        value = self.value(expression, module)
        return value if isinstance(value, str) and value else UNKNOWN

    def value(self, expression: Any, module: str, depth: int = DEPTH) -> Any:
        """What an expression in `module` gives: a constant, or what a single variable is set to; else ``UNKNOWN``."""
        if not isinstance(expression, dict) or not depth:
            return UNKNOWN
        if "constant_value" in expression:
            return expression["constant_value"]
        found = expression.get("references")
        references = [r for r in found if isinstance(r, str)] if isinstance(found, list) else []
        whole = [r for r in references if not any(o != r and o.startswith(f"{r}.") for o in references)]
        match = _VARIABLE.match(whole[0]) if len(whole) == 1 else None
        return _below(self._set(match[1], module, depth), match[2]) if match else UNKNOWN

    def _set(self, name: str, module: str, depth: int) -> Any:
        """What variable `name` of `module` is set to."""
        steps = module_path(module)
        if not steps:
            return self._variable(name)
        parent = _address(steps[:-1])
        outer = self.module(parent)
        call = (outer.module_calls or {}).get(steps[-1][0]) if outer else None
        expression = decoded(call.expressions).get(name) if call else None
        if expression is not None:
            return self.value(expression, parent, depth - 1)
        declared = ((call.module.variables or {}) if call and call.module else {}).get(name)
        return declared.default if declared and declared.default is not None else UNKNOWN

    def _variable(self, name: str) -> Any:
        raw = self._variables.get(name)
        return UNKNOWN if raw is None else msgspec.json.decode(raw, type=Variable).value


def decoded(raw: Raw | UnsetType) -> dict[str, Any]:
    """The expressions of a block; none where they are damaged, for what they would name is then unknown."""
    try:
        value = msgspec.json.decode(raw) if isinstance(raw, Raw) else None
    except (msgspec.MsgspecError, UnicodeError):
        return {}
    return value if isinstance(value, dict) else {}


def _keys(prefix: str, module: ConfigModule, depth: int) -> Iterator[tuple[str, str]]:
    for resource in module.resources or ():
        if resource.provider_config_key:
            yield joined(prefix, resource.address), resource.provider_config_key
    for name, call in (module.module_calls or {}).items():
        if call.module and depth:
            yield from _keys(joined(prefix, f"module.{name}"), call.module, depth - 1)


def _default_tags(expressions: Mapping[str, Any]) -> dict[str, Any]:
    """The constant tags of a `default_tags` block (AWS) or of `default_labels` (Google)."""
    blocks = expressions.get("default_tags")
    blocks = blocks if isinstance(blocks, list) else [blocks]
    tags = [b.get("tags") for b in blocks if isinstance(b, dict)] + [expressions.get("default_labels")]
    constants = [t.get("constant_value") for t in tags if isinstance(t, dict)]
    return {k: v for c in constants if isinstance(c, dict) for k, v in c.items()}


def _ancestors(module: str) -> Iterator[str]:
    steps = module_path(module)
    for length in range(len(steps), 0, -1):
        yield _address(steps[:length])


def _address(steps: tuple[tuple[str, str], ...]) -> str:
    return ".".join(f"module.{name}" for name, _ in steps)


def _last(module: str) -> str:
    return module.rpartition(".")[2]


def _local_name(key: str) -> str:
    """The provider's local name in a key such as `module.db:aws.west`."""
    return key.rpartition(":")[2].partition(".")[0]


def _below(value: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        value = value.get(name, UNKNOWN) if isinstance(value, dict) else UNKNOWN
    return value

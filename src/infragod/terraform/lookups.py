"""The data sources that a configuration looks things up by: their types, and where they look."""

from __future__ import annotations

from collections.abc import Iterator

from infragod.resource import Lookup
from infragod.terraform.address import joined
from infragod.terraform.configuration import DEPTH, ConfigurationView
from infragod.terraform.format import ConfigModule
from infragod.terraform.region import region


def lookups(view: ConfigurationView) -> frozenset[Lookup]:
    """Every data source of the configuration; those of a type and place are one."""
    return frozenset(_below(view, "", view.root, DEPTH))


def _below(view: ConfigurationView, path: str, module: ConfigModule, depth: int) -> Iterator[Lookup]:
    for block in module.resources or ():
        kind = block.address.removeprefix("data.").partition(".")[0]
        if block.mode == "data" and kind:
            provider = kind.partition("_")[0]
            facts = view.provider(joined(path, block.address), path, provider)
            yield Lookup(kind, *region(kind, provider, {}, facts, lambda _: False))
    for name, call in (module.module_calls or {}).items():
        if call.module and depth:
            yield from _below(view, joined(path, f"module.{name}"), call.module, depth - 1)

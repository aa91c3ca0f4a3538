"""Terraform addresses: modules, instance keys, and what stands in the configuration for them."""

from __future__ import annotations

import re
from functools import lru_cache

_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_STEP = re.compile(r'module\.([^.\[]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?(?:\.|\Z)')


@lru_cache(maxsize=4096)
def without_keys(address: str) -> str:
    """`address` without `[0]` and `["key"]`: the block of the configuration that it comes from."""
    return _KEY.sub("", address) if "[" in address else address


@lru_cache(maxsize=4096)
def module_path(address: str) -> tuple[tuple[str, str], ...]:
    """The modules of a module address as (name, instance key or nothing), outermost first."""
    return tuple((m[1], m[2] or "") for m in _STEP.finditer(without_prefix(address)))


def without_prefix(address: str) -> str:
    """A module address as Terraform writes it since 0.14; 0.12 and 0.13 write `db` for `module.db`."""
    return address if not address or address.startswith("module.") else f"module.{address}"


def joined(module: str, rest: str) -> str:
    """`rest` within `module`."""
    return f"{module}.{rest}" if module else rest

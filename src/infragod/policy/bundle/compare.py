"""What two bundles differ in, as people read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import unified_diff

from infragod.policy.bundle import Content


def differences(old: Content, new: Content) -> str:
    """A unified diff over the settings and all files; empty if nothing differs."""
    before, after = _parts(old), _parts(new)
    names = sorted({*before, *after})
    return "\n".join(line for name in names for line in _lines(name, before.get(name, ""), after.get(name, "")))


def _parts(content: Content) -> Mapping[str, str]:
    settings = {
        f"settings [rules.{id_}]": "\n".join(
            f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in sorted(table.items())
        )
        for id_, table in content.tables.items()
    }
    files = {f"rules/{name}": text for name, text in content.files.items()}
    built_in = {f"built-in/{name}": text for name, text in content.built_in.items()}
    return {**settings, **files, **built_in, **content.documents}


def _lines(name: str, old: str, new: str) -> Iterator[str]:
    yield from unified_diff(old.splitlines(), new.splitlines(), f"a/{name}", f"b/{name}", lineterm="")

"""The tags (AWS, Azure) or labels (Google) that a resource will carry, as far as the plan tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from infragod.resource import UNKNOWN, Unknown, Values
from infragod.terraform.configuration import ProviderFacts

_AWS: Final = ("tags", "tags_all")
_GOOGLE: Final = ("labels", "resource_labels", "user_labels", "terraform_labels", "effective_labels")
_OTHERS: Final = ("tags",)
_UNTAGGED_BY_DEFAULT: Final = frozenset({"aws_autoscaling_group"})  # the provider's default tags don't reach it


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags by key, whether these are all, and whether the type has tags at all (None: the plan can't tell)."""

    tags: Mapping[str, str | Unknown] = field(default_factory=dict)
    known: bool = True
    taggable: bool | None = None


def tags(kind: str, provider: str, values: Values, facts: ProviderFacts) -> Tags:
    """The tags in `values` of a resource of type `kind`; an empty value is a missing tag."""
    names = _AWS if provider == "aws" else _GOOGLE if provider == "google" else _OTHERS
    maps = [values[name] for name in names if name in values]
    if provider == "google" and not maps:
        maps = _settings_labels(values)
    if provider == "aws" and isinstance(values.get("tag"), list):
        maps.append(_tag_blocks(values["tag"]))
    maps = [m for m in maps if m is None or m is UNKNOWN or isinstance(m, dict)]
    if not maps:
        return Tags(taggable=False if _complete(values) else None)
    found: dict[str, Any] = {}
    if maps[-1] is UNKNOWN and kind not in _UNTAGGED_BY_DEFAULT:
        found.update(facts.tags)
    known = maps[-1] is None or maps[-1] is not UNKNOWN
    for part in maps:
        if isinstance(part, dict):
            found.update(part)
            known = known and None not in part
    return Tags(_texts(found), known, taggable=True)


def _complete(values: Values) -> bool:
    """Whether all attributes are there, as Terraform writes them: null where unset, unknown, and an id."""
    return "id" in values or any(value is None or value is UNKNOWN for value in values.values())


def _settings_labels(values: Values) -> list[Any]:
    """The labels of a Cloud SQL instance, which stand in its settings."""
    settings = values.get("settings")
    blocks: Iterable[Any] = settings if isinstance(settings, list) else ()
    return [b["user_labels"] for b in blocks if isinstance(b, dict) and "user_labels" in b]


def _tag_blocks(blocks: list[Any]) -> dict[Any, Any] | Unknown:
    """The `tag` blocks of an autoscaling group; the key None stands for one whose key the apply will tell."""
    found: dict[Any, Any] = {}
    for block in blocks:
        if not isinstance(block, dict):
            found[None] = UNKNOWN
            continue
        key = block.get("key", UNKNOWN)
        found[key if isinstance(key, str) else None] = block.get("value", UNKNOWN)
    return found


def _texts(found: Mapping[Any, Any]) -> dict[str, str | Unknown]:
    texts = {key: _text(value) for key, value in found.items() if key is not None}
    return {key: text for key, text in texts.items() if text is not None}


def _text(value: Any) -> str | Unknown | None:
    """A tag's value as text; None where it is empty, which is a missing tag."""
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, str):
        return value if value.strip() else None
    return None if value is None else msgspec.json.encode(value).decode()

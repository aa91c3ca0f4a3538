"""The tags (AWS, Azure) or labels (Google) that a resource will carry, as far as the plan tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from infragod.resource import UNKNOWN, Unknown, Values
from infragod.terraform.configuration import ProviderFacts
from infragod.terraform.unknowns import AllUnknown, holds_unknown

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {  # a later one holds the earlier ones
    "aws": ("tags", "tags_all"),
    "google": ("labels", "resource_labels", "user_labels", "terraform_labels", "effective_labels"),
}
_GROUP: Final = "aws_autoscaling_group"


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags by key, whether these are all, and whether the type has tags at all (None: the plan can't tell)."""

    tags: Mapping[str, str | Unknown] = field(default_factory=dict)
    known: bool = True
    taggable: bool | None = None


def tags(kind: str, provider: str, values: Values, facts: ProviderFacts) -> Tags:
    """The tags in `values` of a resource of type `kind`; an empty value is a missing tag."""
    if isinstance(values, AllUnknown):
        return Tags(known=False)
    if kind == _GROUP:
        return _of_group(values)
    maps = _maps(provider, values)
    if not maps:
        return Tags(taggable=False if _complete(values) else None)
    known = maps[-1] is not UNKNOWN  # the last has the provider's default tags in it
    found: dict[str, Any] = {} if known else dict(facts.tags)
    for part in maps:
        found.update(part if isinstance(part, dict) else {})
    return Tags(_texts(found), known, taggable=True)


def _maps(provider: str, values: Values) -> list[Any]:
    """The maps of tags that the resource has, the most complete one last; null is a map without tags."""
    names = _NAMES.get(provider, ("tags",))
    found = [values[name] for name in names if name in values]
    if provider == "google" and not found:
        settings = values.get("settings")  # Cloud SQL
        blocks: Iterable[Any] = settings if isinstance(settings, list) else ()
        found = [b["user_labels"] for b in blocks if isinstance(b, dict) and "user_labels" in b]
    return [m for m in found if m is None or m is UNKNOWN or isinstance(m, dict)]


def _of_group(values: Values) -> Tags:
    """The tags of an autoscaling group, which has `tag` blocks (once `tags`), and gets no default tags."""
    found: dict[str, Any] = {}
    known = True
    for blocks in (values.get("tags"), values.get("tag")):
        known = known and blocks is not UNKNOWN
        for block in blocks if isinstance(blocks, list) else ():
            key = block.get("key", UNKNOWN) if isinstance(block, dict) else UNKNOWN
            known = known and isinstance(key, str)
            if isinstance(key, str):
                found[key] = block.get("value")
    return Tags(_texts(found), known, taggable=True)


def _complete(values: Values) -> bool:
    """Whether all attributes are there, as Terraform writes them: null where unset, unknown, and an id."""
    return "id" in values or any(value is None or value is UNKNOWN for value in values.values())


def _texts(found: Mapping[str, Any]) -> dict[str, str | Unknown]:
    texts = {key: _text(value) for key, value in found.items()}
    return {key: text for key, text in texts.items() if text is not None}


def _text(value: Any) -> str | Unknown | None:
    """A tag's value as text; None where it is empty, which is a missing tag."""
    if isinstance(value, str):
        return value if value.strip() else None
    if holds_unknown(value):
        return Unknown.UNKNOWN
    return None if value is None else msgspec.json.encode(value, order="sorted").decode()

"""A plan as the columns of tables: `resource`, `tag` and `attribute` of ``PLAN_TABLES``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from infragod.resource import PLAN_TABLES, UNKNOWN, Action, Change, Plan, Values
from infragod.terraform.unknowns import holds_unknown

Columns = dict[str, list[Any]]


def tables(plan: Plan, attributes: Collection[str] = (), workspace: str = "") -> dict[str, Columns]:
    """Table → column → values; of the attributes only those asked for, by name or path (`settings.0.tier`).

    Of `plan` it has the columns that the plan file tells; the caller adds dates and money.
    """
    changes = plan.changes
    return {
        "plan": _counts(changes, workspace),
        "resource": _columns("resource", map(_resource, changes)),
        "tag": _columns("tag", (row for change in changes for row in _tags(change))),
        "attribute": _columns("attribute", _every_attribute(changes, attributes)),
    }


def _columns(table: str, rows: Iterable[tuple[Any, ...]]) -> Columns:
    names = PLAN_TABLES[table]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def _counts(changes: Sequence[Change], workspace: str) -> Columns:
    made = sum(c.action in (Action.CREATE, Action.REPLACE) for c in changes)
    changed = sum(c.action not in (Action.NO_OP, Action.READ) for c in changes)
    return {"workspace": [workspace], "changes": [changed], "creates": [made]}


def _resource(change: Change) -> tuple[Any, ...]:
    shown = change.resource
    return (
        change.address, change.module_address, change.type, change.name, change.provider, shown.region,
        shown.region_state, change.action.value, change.action_reason, change.previous_address, change.importing,
        bool(change.deposed), change.taggable, change.tags_known,
    )  # fmt: skip


def _tags(change: Change) -> Iterable[tuple[str, str, str | None]]:
    return ((change.address, key, None if value is UNKNOWN else value) for key, value in change.tags.items())


def _every_attribute(changes: Sequence[Change], names: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """The attributes asked for; of each change only those are looked at whose first step it has."""
    paths: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        paths[name.partition(".")[0]].append(name)
    for change in changes:
        values = change.resource.values
        yield from _attributes(change, [name for first, below in paths.items() if first in values for name in below])


def _attributes(change: Change, names: Collection[str]) -> Iterator[tuple[Any, ...]]:
    before = change.before.values if change.before else {}
    for name in names:
        value = at(change.resource.values, name)
        if value is None:
            continue
        state, text = ("unknown", None) if holds_unknown(value) else ("known", as_text(value))
        yield change.address, name, state, text, as_text(at(before, name))


def at(values: Values, path: str) -> Any:
    """The value at `path`: an attribute, or what is below one (`root_block_device.0.volume_size`)."""
    first, *below = path.split(".")
    value = values.get(first)
    for step in below:
        if isinstance(value, list):
            value = value[int(step)] if step.isdecimal() and int(step) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        elif value is not UNKNOWN:
            return None
    return value


def as_text(value: Any) -> str | None:
    """`value` as rules see it: text as it is, all else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value, order="sorted").decode()

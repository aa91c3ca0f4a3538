"""Read a plan: JSON of Terraform or OpenTofu, or a binary plan file, into masked and normalised ``Plan`` objects."""

from __future__ import annotations

import gc
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from infragod.errors import InputError
from infragod.resource import Action, Change, Plan, Resource
from infragod.terraform import binary
from infragod.terraform.configuration import ProviderFacts
from infragod.terraform.entries import Entries
from infragod.terraform.format import Delta, Entry
from infragod.terraform.lookups import lookups
from infragod.terraform.references import References
from infragod.terraform.region import region
from infragod.terraform.tags import tags
from infragod.terraform.unknowns import Path as ValuePath
from infragod.terraform.unknowns import merge

_ACTIONS: Final[Mapping[tuple[str, ...], Action]] = {
    ("no-op",): Action.NO_OP,
    ("create",): Action.CREATE,
    ("read",): Action.READ,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("forget", "create"): Action.REPLACE,
}
_SHORT_NAMES: Final = {"google-beta": "google"}
_canonical = msgspec.json.Encoder(order="sorted").encode


def read(path: Path | None, mask_key: bytes) -> Plan:
    """The plan in the file at `path`, or on standard input where that is None."""
    data, where = load(path)
    return parse(data, where, mask_key)


def load(path: Path | None) -> tuple[bytes, str]:
    """The plan's JSON in the file at `path` (None: standard input), and what to call it; a plan file is shown first."""
    data, where = _data(path)
    return (binary.show(path, data, where) if data.startswith(binary.MAGIC) else data), where


def parse(data: bytes, where: str, mask_key: bytes) -> Plan:
    """The plan in `data`; ``InputError`` says what is wrong with it, naming `where` and the place in it."""
    try:
        with _without_collector():
            return _Reader(Entries(data, where, mask_key)).plan()
    except RecursionError:
        raise InputError(f"{where} is nested too deeply for a plan; make the plan again") from None


def _data(path: Path | None) -> tuple[bytes, str]:
    if path is None:
        if sys.stdin.isatty():
            raise InputError("no plan was given: standard input is a terminal; name a file, or pipe the plan in")
        return _bounded(sys.stdin.buffer, "standard input"), "standard input"
    try:
        with path.open("rb") as file:
            return _bounded(file, str(path)), str(path)
    except OSError as error:
        raise InputError(f"cannot read the plan {path}: {error.strerror}; check its name and rights") from None


def _bounded(file: IO[bytes], where: str) -> bytes:
    data = file.read(binary.LARGEST + 1)
    if len(data) > binary.LARGEST:
        raise InputError(f"{where} is larger than {binary.LARGEST >> 20:,} MiB, and no plan is; look at what it holds")
    return data


@contextmanager
def _without_collector() -> Iterator[None]:
    """A plan is a tree: the cycle collector would only walk it again and again while it grows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Reader:
    """Turns the entries of one document into changes."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._view = entries.view
        self._digests: list[bytes] = []
        self._parts: dict[str, str] = {}

    def plan(self) -> Plan:
        """The plan."""
        top = self._entries.top
        changes = [change for i, entry in self._entries if (change := self._change(i, entry)) is not None]
        return Plan(
            format_version=top.format_version or "",
            terraform_version=top.terraform_version or "",
            changes=changes,
            references=References(self._view, changes),
            digest=self._digest(),
            parts=self._parts,
            errored=bool(top.errored),
            applyable=top.applyable is not False,
            deferred=len(top.deferred_changes or ()),
            drifted=len(top.resource_drift or ()),
            lookups=lookups(self._view),
            by_address={c.address: c for c in changes if not c.deposed},
        )

    def _change(self, i: int, entry: Entry) -> Change | None:
        action = _ACTIONS.get(tuple(entry.change.actions))
        if action is None:
            raise InputError(
                f"{self._entries.where} is no plan that can be judged: resource_changes[{i}] ({entry.address}) has "
                "actions that this InfraGod does not know; update InfraGod, or make the plan again"
            )
        before, after, unknown = _sides(entry.change)
        if before is None and after is None:
            if action is Action.NO_OP:  # Terraform lists so what vanished and is not wanted: there is nothing
                return None
            after, unknown = merge({}, unknown=True)
        change = self._built(entry, action, before, after)
        self._digests.append(_fingerprint(change, unknown))
        if action not in (Action.NO_OP, Action.READ):
            self._parts[change.address + change.deposed] = self._digests[-1].hex()[:16]
        return change

    def _built(self, entry: Entry, action: Action, *sides: dict[str, Any] | None) -> Change:
        provider = _short_name(entry)
        facts = self._view.provider(entry.address, entry.module_address or "", provider)
        before, after = (self._side(entry, provider, values, facts) for values in sides)
        shown = after or before
        carried = tags(entry.type, provider, shown.values if shown else {}, facts)
        return Change(
            address=entry.address,
            module_address=entry.module_address or "",
            mode=entry.mode,
            type=entry.type,
            name=entry.name,
            index=int(entry.index) if isinstance(entry.index, float) else entry.index,
            provider=provider,
            action=action,
            before=before,
            after=after,
            tags={key: self._entries.masker.plain(value) for key, value in carried.tags.items()},
            tags_known=carried.known,
            taggable=carried.taggable,
            action_reason=entry.action_reason or "",
            previous_address=entry.previous_address or "",
            importing=entry.change.importing is not None,
            deposed=entry.deposed or "",
        )

    def _side(
        self, entry: Entry, provider: str, values: dict[str, Any] | None, facts: ProviderFacts
    ) -> Resource | None:
        if values is None:
            return None
        is_set = partial(self._view.is_set, entry.module_address or "", f"{entry.type}.{entry.name}")
        where, known = region(entry.type, provider, values, facts, is_set)
        return Resource(entry.address, entry.type, provider, where, values, known)

    def _digest(self) -> str:
        whole = hashlib.sha256(b"infragod plan 1\0")
        for part in sorted(self._digests):
            whole.update(part)
        return whole.hexdigest()


def _sides(delta: Delta) -> tuple[dict[str, Any] | None, dict[str, Any] | None, list[ValuePath]]:
    """The values before and after, with what is unknown in place, and where that is."""
    after = {} if delta.after is None and delta.after_unknown is True else delta.after
    if after is None:
        return delta.before, None, []
    if not delta.after_unknown and after == delta.before:
        return delta.before, delta.before, []
    return delta.before, *merge(after, delta.after_unknown)


def _short_name(entry: Entry) -> str:
    name = (entry.provider_name or entry.type.partition("_")[0]).rpartition("/")[2]
    return _SHORT_NAMES.get(name, name)


def _fingerprint(change: Change, unknown: Sequence[ValuePath]) -> bytes:
    """A hash of all that a decision may rest on; `unknown` tells UNKNOWN from a text that reads like it."""
    before, after = change.before, change.after
    same = before is not None and after is not None and before.values is after.values
    content = (
        change.address, change.type, change.provider, change.action.value, change.deposed, change.previous_address,
        change.importing, change.tags, change.tags_known, change.resource.region, change.resource.region_known,
        None if before is None else before.values,
        same or (None if after is None else after.values),
        sorted(map(repr, unknown)),
    )  # fmt: skip
    return hashlib.sha256(_canonical(content)).digest()

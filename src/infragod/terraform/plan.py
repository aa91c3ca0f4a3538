"""Read a plan: JSON of Terraform or OpenTofu, or a binary plan file, into masked and normalised ``Plan`` objects."""

from __future__ import annotations

import gc
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Raw

from infragod.errors import InputError
from infragod.resource import Action, Change, Plan, Resource
from infragod.terraform import binary
from infragod.terraform.configuration import ConfigurationView, ProviderFacts
from infragod.terraform.format import Configuration, Delta, Document, Entry
from infragod.terraform.references import References
from infragod.terraform.region import region
from infragod.terraform.sensitive import Masker
from infragod.terraform.source import document, place
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
_entry = msgspec.json.Decoder(Entry).decode
_canonical = msgspec.json.Encoder(order="sorted").encode


def read(path: Path | None, mask_key: bytes) -> Plan:
    """The plan in the file at `path`, or on standard input where that is None."""
    data, where = _data(path)
    if data.startswith(binary.MAGIC):
        data = binary.show(path, data, where)
    return parse(data, where, mask_key)


def parse(data: bytes, where: str, mask_key: bytes) -> Plan:
    """The plan in `data`; ``InputError`` says what is wrong with it, naming `where` and the place in it."""
    try:
        with _without_collector():
            return _Reader(document(data, where), where, mask_key).plan()
    except RecursionError:
        raise InputError(f"{where} is nested too deeply for a plan; make the plan again") from None


def _data(path: Path | None) -> tuple[bytes, str]:
    if path is None:
        if sys.stdin.isatty():
            raise InputError("no plan was given: standard input is a terminal; name a file, or pipe the plan in")
        return sys.stdin.buffer.read(), "standard input"
    try:
        return path.read_bytes(), str(path)
    except OSError as error:
        raise InputError(f"cannot read the plan {path}: {error.strerror}; check its name and rights") from None


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

    def __init__(self, top: Document, where: str, mask_key: bytes) -> None:
        self._top = top
        self._where = where
        self._view = ConfigurationView(self._configuration(), top.variables or {})
        self._masker = Masker(mask_key, secrets=self._view.secrets(), done=top.infragod_masked is not None)
        self._digests: list[bytes] = []

    def plan(self) -> Plan:
        """The plan."""
        top = self._top
        changes = [c for i, raw in enumerate(top.resource_changes or ()) if (c := self._change(i, raw)) is not None]
        return Plan(
            format_version=top.format_version or "",
            terraform_version=top.terraform_version or "",
            changes=changes,
            references=References(self._view, changes),
            digest=self._digest(),
            errored=bool(top.errored),
            applyable=top.applyable is not False,
            deferred=len(top.deferred_changes or ()),
            drifted=len(top.resource_drift or ()),
            by_address={c.address: c for c in changes if not c.deposed},
        )

    def _configuration(self) -> Configuration:
        raw = self._top.configuration
        try:
            return msgspec.json.decode(raw, type=Configuration) if isinstance(raw, Raw) else Configuration()
        except msgspec.ValidationError as error:
            raise InputError(f"{self._where} is no plan: {place(error, 'configuration')}; make it again") from None

    def _decode(self, i: int, raw: Raw) -> Entry:
        try:
            return _entry(raw)
        except msgspec.ValidationError as error:
            problem = place(error, f"resource_changes[{i}]")
            raise InputError(f"{self._where} is no plan: {problem}; make it again") from None

    def _change(self, i: int, raw: Raw) -> Change | None:
        entry = self._decode(i, raw)
        if entry.mode != "managed":
            return None
        action = _ACTIONS.get(tuple(entry.change.actions))
        if action is None:
            raise InputError(
                f"{self._where} is no plan that can be judged: resource_changes[{i}] ({entry.address}) has actions "
                f"that this InfraGod does not know; update InfraGod, or make the plan again"
            )
        provider = _short_name(entry)
        before, after, unknown = self._sides(entry)
        if before is None and after is None:
            if action is Action.NO_OP:  # Terraform lists so what vanished and is not wanted: there is nothing
                return None
            after, unknown = merge({}, unknown=True)
        change = self._built(entry, action, provider, before, after)
        self._digests.append(_fingerprint(change, unknown))
        return change

    def _sides(self, entry: Entry) -> tuple[dict[str, Any] | None, dict[str, Any] | None, list[ValuePath]]:
        """The values before and after, masked, with what is unknown in place."""
        delta = entry.change
        before = self._masked(entry.type, delta.before, delta.before_sensitive)
        after = self._masked(entry.type, _after(delta), delta.after_sensitive)
        if after is None:
            return before, None, []
        if not delta.after_unknown and after == before:
            return before, before, []
        return before, *merge(after, delta.after_unknown)

    def _masked(self, kind: str, values: dict[str, Any] | None, marks: Any) -> dict[str, Any] | None:
        return None if values is None else self._masker.side(kind, values, marks)

    def _built(self, entry: Entry, action: Action, provider: str, *sides: dict[str, Any] | None) -> Change:
        facts = self._view.provider(entry.address, entry.module_address or "", provider)
        before, after = (_side(entry, provider, values, facts) for values in sides)
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
            tags={key: self._masker.plain(value) for key, value in carried.tags.items()},
            tags_known=carried.known,
            taggable=carried.taggable,
            action_reason=entry.action_reason or "",
            previous_address=entry.previous_address or "",
            importing=entry.change.importing is not None,
            deposed=entry.deposed or "",
        )

    def _digest(self) -> str:
        whole = hashlib.sha256(b"infragod plan 1\0")
        for part in sorted(self._digests):
            whole.update(part)
        return whole.hexdigest()


def _after(delta: Delta) -> dict[str, Any] | None:
    """The values after; a resource of which all is unknown has none that are written."""
    if delta.after is None and delta.after_unknown is True:
        return {}
    return delta.after


def _short_name(entry: Entry) -> str:
    name = (entry.provider_name or entry.type.partition("_")[0]).rpartition("/")[2]
    return _SHORT_NAMES.get(name, name)


def _side(entry: Entry, provider: str, values: dict[str, Any] | None, facts: ProviderFacts) -> Resource | None:
    if values is None:
        return None
    where, known = region(entry.type, provider, values, facts)
    return Resource(entry.address, entry.type, provider, where, values, known)


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

"""The entries of a plan one by one, masked as they are decoded: nothing above this file sees a sensitive value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from infragod.errors import InputError
from infragod.terraform.configuration import ConfigurationView
from infragod.terraform.format import Configuration, Document, Entry
from infragod.terraform.sensitive import Masker
from infragod.terraform.source import document, place

_entry = msgspec.json.Decoder(Entry).decode


class Entries:
    """One document: its top, its configuration, and its managed entries."""

    def __init__(self, data: bytes, where: str, mask_key: bytes) -> None:
        self.where = where
        self.top: Document = document(data, where)
        variables = {name: raw.copy() for name, raw in (self.top.variables or {}).items()}
        self.view = ConfigurationView(self._configuration(), variables)
        try:
            secrets = self.view.secrets()
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise self._no_plan(error, "variables") from None
        self.masker = Masker(mask_key, secrets=secrets, done=self.top.infragod_masked is not None)

    def __iter__(self) -> Iterator[tuple[int, Entry]]:
        """The managed entries with their places; data sources are no spend, and left out."""
        for place_in_list, raw in enumerate(self.top.resource_changes or ()):
            entry = self._decoded(place_in_list, raw)
            if entry.mode == "managed":
                delta = entry.change
                delta.before = self._masked(entry.type, delta.before, delta.before_sensitive)
                delta.after = self._masked(entry.type, delta.after, delta.after_sensitive)
                yield place_in_list, entry

    def _configuration(self) -> Configuration:
        raw = self.top.configuration
        try:
            # of a copy, for the parts that stay raw would keep the whole plan's bytes alive
            return msgspec.json.decode(raw.copy(), type=Configuration) if isinstance(raw, Raw) else Configuration()
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise self._no_plan(error, "configuration") from None

    def _decoded(self, i: int, raw: Raw) -> Entry:
        try:
            return _entry(raw)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise self._no_plan(error, f"resource_changes[{i}]") from None

    def _masked(self, kind: str, values: dict[str, Any] | None, marks: Any) -> dict[str, Any] | None:
        return None if values is None else self.masker.side(kind, values, marks)

    def _no_plan(self, error: Exception, under: str) -> InputError:
        return InputError(f"{self.where} is no plan: {place(error, under)}; make the plan again")

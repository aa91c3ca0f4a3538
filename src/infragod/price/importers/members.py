"""The members of a JSON object that is too large to hold: one at a time, in the order of the file.

A price list of AWS is one object of up to 450 MB. What stands at a wanted depth is decoded member by member by the
standard library's decoder over a sliding window, so memory stays at a few windows.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from infragod.errors import InputError
from infragod.progress import SILENT, Progress

WINDOW: Final = 1 << 20
LARGEST: Final = 64 << 20
"""Characters that one member may have; a larger one is no member of a price list."""

Path = tuple[str, ...]
_SPACE: Final = " \t\n\r"


def members(
    file: BinaryIO, depths: Mapping[str, int], where: str, progress: Progress = SILENT
) -> Iterator[tuple[Path, Any]]:
    """(path, value) of what stands `depths[name]` below each top member; of what is not named, the member itself.

    With depths {"products": 1, "terms": 2}: ("products", sku), then ("terms", kind, sku), and ("version",).
    ``InputError`` where the file ends too soon or is no JSON object.
    """
    window = _Window(file, where, progress)
    for name in window.names():
        yield from _below(window, (name,), depths.get(name, 0))
    window.end()


def _below(window: _Window, path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    if depth == 0 or window.peek() != "{":
        yield path, window.value()
        return
    for name in window.names():
        yield from _below(window, (*path, name), depth - 1)


class _Window:
    """The part of the text that is being decoded."""

    def __init__(self, file: BinaryIO, where: str, progress: Progress) -> None:
        self._file = file
        self._where = where
        self._progress = progress
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._done = 0
        self._is_over = False

    def names(self) -> Iterator[str]:
        """The names of the object that begins here; its values are the caller's to take, one after each name."""
        self._take("{")
        if self.peek() == "}":
            self._take("}")
            return
        while True:
            name = self.value() if self.peek() == '"' else self._fail("a name is missing")
            self._take(":")
            yield name
            if self.peek() != ",":
                break
            self._take(",")
        self._take("}")

    def value(self) -> Any:
        """The value that begins here."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    self._fail(error.msg)
                continue
            if end < len(self._text) or not self._more():  # a number at the end of the window may go on
                self._at = end
                return value

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def end(self) -> None:
        """Nothing follows."""
        if self.peek():
            self._fail("something follows the object")

    def _take(self, mark: str) -> None:
        if self.peek() != mark:
            self._fail(f"{mark!r} is missing")
        self._at += 1

    def _more(self) -> bool:
        """Read on; drops what is decoded. A member that is not whole yet doubles the window, so none is read twice."""
        if self._is_over:
            return False
        left = self._text[self._at :]
        if len(left) > LARGEST:
            self._fail("one member is larger than any of a price list")
        data = self._file.read(max(WINDOW, len(left)))
        self._progress.advance(len(data))
        self._is_over = not data
        self._done += self._at
        try:
            self._text = left + self._decode.decode(data, final=self._is_over)
        except UnicodeDecodeError:
            self._fail("it is not UTF-8")
        self._at = 0
        return True

    def _fail(self, what: str) -> Any:
        place = f"character {self._done + self._at:,}"
        fault = "is cut off after" if self._is_over else "is not valid JSON at"
        raise InputError(f"{self._where} {fault} {place} ({what}); download it again")

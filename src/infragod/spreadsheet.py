"""A CSV file as people save it from a spreadsheet: any of its encodings and separators, row numbers as it shows them.

Every fault is one sentence with row and column; they are collected, so that a file is mended in one go.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from infragod.errors import InputError

MOST_FAULTS: Final = 20
MOST_LETTERS: Final = 200
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SPACES: Final = re.compile(r"[\s\u00a0\u202f'’]")  # noqa: RUF001 - what spreadsheets group digits by
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?P<group>[.,])\d{3}((?P=group)\d{3})*")
_PLAIN: Final = re.compile(r"-?\d+(\.\d+)?")


@dataclass(slots=True)
class Faults:
    """The bad rows of one file."""

    where: str
    sentences: list[str] = field(default_factory=list)

    def add(self, row: int, column: str, sentence: str) -> None:
        """Row `row` is wrong in `column`."""
        self.sentences.append(f"{self.where}, row {row}, {column}: {sentence}")

    def stop(self) -> None:
        """Raise all faults as one ``InputError``; nothing if there are none."""
        if self.sentences:
            left = len(self.sentences) - MOST_FAULTS
            more = [f"… and {left} more"] if left > 0 else []
            raise InputError("\n".join(self.sentences[:MOST_FAULTS] + more))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file: number as the spreadsheet shows it, and cells by column; empty cells are empty text."""

    where: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    separator: str


def read(path: Path, known: Mapping[str, Sequence[str]], required: Sequence[str]) -> Sheet:
    """The sheet in the file; `known` maps each column to its other names; a missing or misspelt column is an error."""
    text = _decoded(path)
    separator, text = _separator(text)
    try:
        records = [*csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)]
    except csv.Error as error:
        raise InputError(f"{path} is no CSV: {error}; save it as CSV again") from None
    if not records or not any(cell.strip() for cell in records[0]):
        raise InputError(f"{path} has no header; its first row names the columns {', '.join(known)}")
    names = _columns(path, records[0], known, required)
    rows, faults = [], Faults(str(path))
    for number, record in enumerate(records[1:], start=2):
        cells = [cell.strip() for cell in record]
        if any(cells[len(names) :]):
            faults.add(
                number, "end", f"there are {len(cells)} cells for {len(names)} columns; quote cells with {separator!r}"
            )
        elif any(cells):
            filled = cells + [""] * (len(names) - len(cells))
            rows.append((number, {n: c for n, c in zip(names, filled, strict=False) if n in known}))
    faults.stop()
    used = tuple(n for n in names if n in known)
    return Sheet(str(path), used, tuple(n for n in names if n and n not in known), tuple(rows), separator)


def amount(text: str, separator: str) -> Decimal:
    """A number as people write it; ``ValueError`` if it is none, or could mean two numbers.

    `20.000` is twenty thousand in a file that separates cells by semicolons, `20,000` in any other; the other way
    round it could be twenty, and is refused.
    """
    digits = _SPACES.sub("", text)
    decimal = max(digits.rfind("."), digits.rfind(","))
    group = _GROUPED.fullmatch(digits.removeprefix("-"))
    if group:
        usual = "." if separator == ";" else ","
        if digits.count(group["group"]) == 1 and group["group"] != usual:
            raise ValueError(f"{text!r} may be {digits.replace(group['group'], '')} or {digits.replace(',', '.')}")
        digits = digits.replace(group["group"], "")
    elif decimal >= 0:
        whole, fraction = digits[:decimal], digits[decimal + 1 :]
        other = "," if digits[decimal] == "." else "."
        if other in whole and _GROUPED.fullmatch(whole.removeprefix("-")):
            whole = whole.replace(other, "")
        digits = f"{whole}.{fraction}"
    if not _PLAIN.fullmatch(digits):
        raise ValueError(f"{text!r} is no number")
    return Decimal(digits)


def near(name: str, known: Sequence[str]) -> str:
    """` (did you mean …?)`, or nothing."""
    folded = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.7)
    return f" (did you mean {folded[found[0]]!r}?)" if found else ""


def name_fault(name: str) -> str:
    """What is wrong with a name that people gave, or nothing."""
    if len(name) > MOST_LETTERS:
        return f"the name is {len(name)} letters long; {MOST_LETTERS} are the most"
    return "" if name.isprintable() else f"{name!r} holds a line break or a control character; remove it"


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check its name and rights") from None
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(f"{path} is an Excel workbook; save it as CSV UTF-8 and give that file")
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: not {encoding.upper()}; save it as CSV UTF-8 and give that file"
        ) from None


def _separator(text: str) -> tuple[str, str]:
    """The separator by the first line, which may state it as Excel does (`sep=;`), and the text after that."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return first.strip()[-1], rest
    bare = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=bare.count), text


def _columns(path: Path, header: list[str], known: Mapping[str, Sequence[str]], required: Sequence[str]) -> list[str]:
    meant = {alias: name for name, aliases in known.items() for alias in (name, *aliases)}
    names = [meant.get(folded, folded) for folded in (re.sub(r"[\s-]+", "_", h.strip().lower()) for h in header)]
    for position, name in enumerate(names):
        if name in known and name in names[:position]:
            raise InputError(f"{path} has the column {name} twice; remove one")
        if name and name not in known and (guess := near(name, [*known])):
            raise InputError(f"{path} has a column {name!r}{guess}; name it so, or otherwise")
    for name in required:
        if name not in names:
            raise InputError(f"{path} has no column {name}; the columns are {', '.join(known)}, {name} among them")
    return names

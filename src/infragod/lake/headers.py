"""The columns of a billing file: what each is called in FOCUS 1.4, and what is missing or left out."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infragod.errors import InputError
from infragod.focus import FOCUS_COLUMNS

RENAMED: Final = {"ProviderName": "x_ProviderName", "PublisherName": "x_PublisherName"}
"""Columns of older versions, and what the lake calls them."""

KEPT: Final = ("x_ProviderName", "x_PublisherName", "x_terraform_address")
"""Columns of ours that a file may bring; any other x_… column of a provider is left out, and the load says so."""

_BY_KEY: Final = {
    **{c.name.lower(): c.name for c in FOCUS_COLUMNS},
    **{old.lower(): new for old, new in RENAMED.items()},
    **{name.lower(): name for name in KEPT},
}
_REQUIRED: Final = tuple(c.name for c in FOCUS_COLUMNS if c.mandatory and c.since in {"0.5", "1.0"})
_PROVIDER: Final = ("ServiceProviderName", "x_ProviderName")


@dataclass(frozen=True, slots=True)
class Header:
    """Which column of the file stands for which of ours, and the file's columns that are left out."""

    columns: Mapping[str, str]
    left_out: tuple[str, ...]


def header_of(path: Path, names: Sequence[str]) -> Header:
    """The header of a file with the columns `names`; ``InputError`` where one is missing or twice."""
    columns: dict[str, str] = {}
    left_out: list[str] = []
    for name in names:
        ours = _BY_KEY.get(name.strip().lower(), _BY_KEY.get(name.replace("_", "").replace(" ", "").lower()))
        if ours is None:
            left_out.append(name)
        elif ours in columns:
            raise InputError(f"{path} has the column {ours} twice ({columns[ours]} and {name}); remove one of them")
        else:
            columns[ours] = name
    _demand(path, columns)
    return Header(columns, tuple(left_out))


def _demand(path: Path, columns: Mapping[str, str]) -> None:
    missing = [name for name in _REQUIRED if name not in columns]
    if not any(name in columns for name in _PROVIDER):
        missing.append("ServiceProviderName (ProviderName before FOCUS 1.3)")
    if len(missing) > len(_REQUIRED) // 2:
        raise InputError(
            f"{path} is no FOCUS data: it lacks {missing[0]} and {len(missing) - 1} more mandatory columns"
        )
    if missing:
        raise InputError(
            f"{path} lacks the mandatory FOCUS column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            "export it again with all columns"
        )


def csv_layout(path: Path) -> tuple[list[str], str]:
    """The column names and the delimiter in the first line of a CSV file, compressed or not."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if zipped else path.open("rb") as handle:
            line = handle.readline(1 << 20).decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}; check its rights") from None
    except (EOFError, zlib.error):
        raise InputError(f"{path} is a truncated gzip file; fetch it again from the provider") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; load the FOCUS export as its provider wrote it") from None
    if not line.strip():
        raise InputError(f"{path} has no header line; fetch it again from the provider")
    delimiter = max(",;\t|", key=line.count)
    return next(csv.reader(io.StringIO(line), delimiter=delimiter)), delimiter

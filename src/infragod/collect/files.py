"""Billing files on disk: which ones a list of paths means, what format each has, what period its folder claims."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from infragod.collect import aws_export
from infragod.errors import InputError
from infragod.focus import Period
from infragod.progress import SILENT, Progress

SUFFIXES: Final = (".csv", ".csv.gz", ".parquet")
_HIVE = re.compile(r"billing_?period=(.*)", re.IGNORECASE)
_CHUNK: Final = 1 << 22


class Format(StrEnum):
    """How a billing file is written; gzip is seen by its content."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class BillingFile:
    """A file to load; `period` is what its folder or manifest says, `digest` a hash of its bytes."""

    path: Path
    format: Format
    period: Period | None
    digest: str


def find(paths: Sequence[Path], progress: Progress = SILENT) -> list[BillingFile]:
    """The billing files that `paths` (files, folders, AWS export folders) mean, each once, in order of their names."""
    found = {file.resolve(): file for path in paths for file in _expand(path)}
    files = sorted(found.values())
    formats = {file: _format(file) for file in files}
    digests = _digests(files, progress)
    _refuse_copies(digests)
    return [BillingFile(f, formats[f], period_of(f), digests[f]) for f in files]


def period_of(path: Path) -> Period | None:
    """The period that a folder `billing_period=YYYY-MM` above the file claims; ``InputError`` for an unknown month."""
    for parent in path.absolute().parents:
        match = _HIVE.fullmatch(parent.name)
        if match:
            try:
                return Period.parse(match[1][:7])
            except InputError:
                raise InputError(
                    f"{parent} names no month; such a folder is called billing_period=YYYY-MM, rename it"
                ) from None
    return None


def _expand(path: Path) -> Iterator[Path]:
    try:
        if not path.exists():
            raise InputError(f"{path} does not exist; check the path")
        if not path.is_dir():
            yield path
            return
        files = [f for f in path.rglob("*") if _is_bill(f, path)]
    except OSError as error:
        raise InputError(f"cannot read {error.filename or path}: {error.strerror}; check its rights") from None
    if not files:
        raise InputError(f"{path} holds no billing file; expected are {', '.join('*' + s for s in SUFFIXES)}")
    yield from aws_export.current(files)


def _is_bill(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    hidden = any(part.startswith((".", "_")) for part in parts)
    return not hidden and file.name.lower().endswith(SUFFIXES) and file.is_file()


def _format(path: Path) -> Format:
    try:
        with path.open("rb") as handle:
            head = handle.read(4096)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check its rights") from None
    if not head:
        raise InputError(f"{path} is empty; fetch it again from the provider")
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith(b"PK\x03\x04"):
        raise InputError(f"{path} is a ZIP archive; unpack it and load what is inside")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path} is UTF-16 text; save it as CSV in UTF-8")
    if not head.startswith(b"\x1f\x8b") and b"\0" in head:
        raise InputError(f"{path} is neither CSV nor Parquet; load the FOCUS export as its provider wrote it")
    return Format.CSV


def _digests(files: Sequence[Path], progress: Progress) -> dict[Path, str]:
    progress.start("reading", sum(f.stat().st_size for f in files), "B")
    try:
        return {file: _digest(file, progress) for file in files}
    finally:
        progress.finish()


def _digest(path: Path, progress: Progress) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(_CHUNK):
                digest.update(chunk)
                progress.advance(len(chunk))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the disk it is on") from None
    return digest.hexdigest()


def _refuse_copies(digests: dict[Path, str]) -> None:
    """Two files with the same bytes would count the same money twice."""
    seen: dict[str, Path] = {}
    for path, digest in digests.items():
        if digest in seen:
            raise InputError(f"{seen[digest]} and {path} have the same content and would count twice; load one of them")
        seen[digest] = path

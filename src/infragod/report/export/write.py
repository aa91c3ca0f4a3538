"""Write a FOCUS file from the lake: survey the rows, stream them, put the file in its place whole."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from infragod import __version__
from infragod.errors import InputError
from infragod.focus import BASES
from infragod.lake.engine import Engine
from infragod.lake.lake import Lake
from infragod.progress import SILENT, Progress
from infragod.report.export import select
from infragod.report.export.select import Choice
from infragod.report.export.versions import Version

_CSV: Final = "FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR ''"
_STEP: Final = 0.2


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows, totals by (currency, basis), and a sentence for what is not as the lake has it."""

    path: Path
    rows: int
    totals: Mapping[tuple[str, str], Decimal | None]
    notes: tuple[str, ...]


def export(
    lake: Lake, version: Version, choice: Choice, path: Path, progress: Progress = SILENT, *, force: bool = False
) -> Exported | None:
    """Write the rows of `choice` as a file of `version` to `path`; None, and no file, where there is no row."""
    kinds, options = _form(version, path)
    folder = _folder(path, force=force)
    with lake.exporter(folder) as engine:
        found = engine.dicts(select.survey(version, choice))
        if not found:
            return None
        counts: Counter[str] = Counter()
        for row in found:
            counts.update({name: n for name, n in row.items() if ":" in name})
        kept = [c.name for c in version.later if counts[f"later:{c.name}"]]
        rows = sum(row["rows"] for row in found)
        with _followed(engine, rows, progress):
            engine.copy(select.rows(version, choice, kinds, kept), folder / path.name, options)
    totals = {(row["currency"], basis): row[basis] for row in found for basis in BASES}
    return Exported(path, rows, totals, tuple(_notes(version, counts)))


def _form(version: Version, path: Path) -> tuple[dict[Any, str], str]:
    """How values are written, and the options of COPY, by the file's name."""
    name = path.name.lower()
    if name.endswith(".parquet"):
        about = f"KV_METADATA {{FocusVersion: '{version.name}', DataGenerator: 'infragod {__version__}'}}"
        return select.PARQUET, f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, {about}"
    if name.endswith((".csv", ".csv.gz")):
        return select.CSV, f"{_CSV}, COMPRESSION {'gzip' if name.endswith('.gz') else 'none'}"
    raise InputError(f"{path} is no name for a FOCUS file; end it in .parquet, .csv or .csv.gz")


def _folder(path: Path, *, force: bool) -> Path:
    """The folder to write into; ``InputError`` where that would do harm."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file in it, for example {path / 'focus.parquet'}")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent} is no folder; make it, or give another --out")
    if path.exists() and not force:
        raise InputError(f"{path} is there already; nothing was written, give another --out, or --force to replace it")
    return path.parent.resolve()


@contextmanager
def _followed(engine: Engine, rows: int, progress: Progress) -> Iterator[None]:
    """Tell `progress` how far the engine is, from a thread of its own."""
    ended = threading.Event()

    def follow() -> None:
        told = 0
        while not ended.wait(_STEP):
            now = int(rows * max(0.0, engine.done()) / 100)
            if now > told:
                progress.advance(now - told)
                told = now

    progress.start("exporting", rows, "rows")
    thread = threading.Thread(target=follow, name="progress of the export", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        progress.finish()


def _notes(version: Version, counts: Counter[str]) -> Iterator[str]:
    for name, count in counts.items():
        kind, _, what = name.partition(":")
        if not count:
            continue
        if kind == "fill":
            yield f"{what} in {_rows(count)}"
        elif kind == "empty":
            yield f"{what} is empty in {_rows(count)}, which FOCUS {version.name} forbids: the bill does not say it"
        else:
            has = "has a value" if count == 1 else "have values"
            yield f"FOCUS {version.name} has no {what}: {_rows(count)} {has}, kept as x_{what}"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"

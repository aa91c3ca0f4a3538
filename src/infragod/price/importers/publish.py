"""From lists that were read to a sheet in use: each list waits in a folder until all are there, then one replaces all.

An import that was cut off goes on where it was: lists of the same version that wait are not read again. A list replaces
the rows of its own (offer, region) and no others.
"""

from __future__ import annotations

import csv
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from infragod.errors import InputError, StoreError
from infragod.price import imported
from infragod.price.sheet import COLUMNS, ON_DEMAND, Price, Row, Sheet, Source

KEPT: Final = 3
"""Sheets that stay: the one in use and those before it, for whoever is reading."""

Place = tuple[str, str, str]  # provider, service, region


class Cell(NamedTuple):
    """A price, our unit, the product it is of, and by what a price of that product is multiplied to be in our unit."""

    price: Decimal
    unit: str
    sku: str
    times: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """What one list says: its source, its rows by service and region, and what was refused."""

    provider: str
    source: Source
    rows: Mapping[tuple[str, str], Mapping[Row, Cell]]
    refused: Mapping[tuple[str, str, str], str]

    @property
    def count(self) -> int:
        """How many prices it has."""
        return sum(len(rows) for rows in self.rows.values())


class Workplace:
    """The folder in which an import gathers its lists; one import at a time."""

    def __init__(self, home: Path, provider: str) -> None:
        self.home = home
        self.folder = home / imported.FOLDER
        self.waiting = self.folder / f"next-{provider}"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder; ``InputError`` where another import does."""
        self.waiting.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another import of prices is at work in {self.folder}; wait for its end") from None
        else:
            yield
        finally:
            os.close(lock)

    def has(self, name: str) -> bool:
        """Whether a list waits already."""
        return (self.waiting / f"{name}.csv").is_file()

    def keep(self, name: str, part: Part) -> None:
        """Let a list wait."""
        path = self.waiting / f"{name}.csv"
        half = path.with_suffix(".half")
        with half.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            source = part.source
            writer.writerow(("source", part.provider, source.id, source.title, source.date.isoformat()))
            for (service, region), rows in sorted(part.rows.items()):
                writer.writerows(
                    ("row", service, region, *row, f"{cell.price:f}", cell.unit, cell.sku, f"{cell.times:f}")
                    for row, cell in sorted(rows.items())
                )
            writer.writerows(("refused", *place, why) for place, why in sorted(part.refused.items()))
        half.replace(path)

    def part(self, name: str) -> Part:
        """A list that waits."""
        rows: dict[tuple[str, str], dict[Row, Cell]] = {}
        refused: dict[tuple[str, str, str], str] = {}
        with (self.waiting / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            _, provider, name, title, day = next(reader)
            for cells in reader:
                if cells[0] == "row":
                    cell = Cell(Decimal(cells[5]), cells[6], cells[7], Decimal(cells[8]))
                    rows.setdefault((cells[1], cells[2]), {})[cells[3], cells[4]] = cell
                else:
                    refused[cells[1], cells[2], cells[3]] = cells[4]
        return Part(provider, Source(name, title, date.fromisoformat(day)), rows, refused)

    def publish(self, names: Iterable[str]) -> int:
        """Put the waiting lists into use; the number of the new sheet."""
        parts = tuple(self.part(name) for name in names)
        old = imported.sheet(self.home)
        number = max([imported.number(self.home), *_numbers(self.folder)]) + 1
        try:
            _write(self.folder / str(number), old, parts)
            _replace(self.folder / imported.CURRENT, f"{number}\n")
        except OSError as error:
            shutil.rmtree(self.folder / str(number), ignore_errors=True)
            raise StoreError(f"the new price sheet cannot be written: {error}; the old one stays in use") from None
        shutil.rmtree(self.waiting, ignore_errors=True)
        for gone in sorted(_numbers(self.folder))[:-KEPT]:
            shutil.rmtree(self.folder / str(gone), ignore_errors=True)
        return number


def _numbers(folder: Path) -> list[int]:
    return [int(entry.name) for entry in folder.iterdir() if entry.name.isdigit()]


def _write(folder: Path, old: Sheet | None, parts: Sequence[Part]) -> None:
    """The whole new sheet: what the lists say, and the old rows of other lists."""
    shutil.rmtree(folder, ignore_errors=True)
    sheet, sources = _merged(old, parts)
    for (provider, service, region), rows in sorted(sheet.items()):
        path = folder / provider / service / f"{region}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows((*row, f"{p.amount:f}", p.unit, p.source.id) for row, p in sorted(rows.items()))
    with (folder / "sources.toml").open("w", encoding="utf-8") as file:
        for source in sorted(sources.values(), key=lambda source: source.id):
            file.write(f'["{source.id}"]\ntitle = "{source.title}"\ndate = {source.date.isoformat()}\n\n')
    _write_skus(folder / imported.SKUS, old, parts)
    _sync(folder)


def _write_skus(path: Path, old: Sheet | None, parts: Sequence[Part]) -> None:
    """Which product of the provider's list is which row: how a bill's rows are known."""
    replaced = {part.source.id for part in parts}
    kept = imported.skus(old.folder) if old else []
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(imported.SKU_COLUMNS)
        writer.writerows(sku for sku in kept if sku.source not in replaced)
        for part in parts:
            for (service, region), rows in sorted(part.rows.items()):
                for (key, option), cell in sorted(rows.items()):
                    if option == ON_DEMAND:
                        sku = imported.Sku(part.source.id, part.provider, cell.sku, service, region, key, cell.times)
                        writer.writerow(sku)


def _merged(old: Sheet | None, parts: Iterable[Part]) -> tuple[dict[Place, dict[Row, Price]], dict[str, Source]]:
    replaced = {part.source.id for part in parts}
    sources = {name: source for name, source in (old.sources if old else {}).items() if name not in replaced}
    sheet: dict[Place, dict[Row, Price]] = {}
    for place in _places(old):
        kept = {row: price for row, price in old.rows(*place).items() if price.source.id not in replaced} if old else {}
        if kept:
            sheet[place] = kept
    for part in parts:
        sources[part.source.id] = part.source
        for (service, region), rows in part.rows.items():
            target = sheet.setdefault((part.provider, service, region), {})
            target.update({row: Price(cell.price, cell.unit, part.source) for row, cell in rows.items()})
    return sheet, sources


def _places(sheet: Sheet | None) -> list[Place]:
    if sheet is None:
        return []
    found = sheet.folder.glob("*/*/*.csv")
    return [(path.parent.parent.name, path.parent.name, path.stem) for path in sorted(found)]


def _sync(folder: Path) -> None:
    """What `current` will name is on the disk before it is named."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    half = path.with_suffix(".half")
    with half.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)

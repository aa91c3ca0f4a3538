"""From lists that were read to a sheet in use: each list waits in a folder until all are there, then one replaces all.

An import that was cut off goes on where it was: lists of the same version that wait are not read again. A list replaces
the rows of its own (offer, region) and no others. One list at a time is held in memory.
"""

from __future__ import annotations

import csv
import fcntl
import filecmp
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
from infragod.price.sheet import COLUMNS, ON_DEMAND, Row, Sheet, Source

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
class Head:
    """Whose list it is, and which services and regions of its source it speaks for; empty is all."""

    provider: str
    source: Source
    services: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    def replaces(self, source: str, service: str, region: str) -> bool:
        """Whether rows of that source and place give way to this list's."""
        inside = (not self.services or service in self.services) and (not self.regions or region in self.regions)
        return source == self.source.id and inside


@dataclass(frozen=True, slots=True)
class Part:
    """What one list says: its head, its rows by service and region, and what was refused."""

    head: Head
    rows: Mapping[tuple[str, str], Mapping[Row, Cell]]
    refused: Mapping[tuple[str, str, str], str]

    @property
    def provider(self) -> str:
        """Whose prices they are."""
        return self.head.provider

    @property
    def source(self) -> Source:
        """Where they are from."""
        return self.head.source

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
            source, head = part.source, part.head
            about = (head.provider, source.id, source.title, source.date.isoformat())
            writer.writerow(("source", *about, " ".join(sorted(head.services)), " ".join(sorted(head.regions))))
            for (service, region), rows in sorted(part.rows.items()):
                writer.writerows(
                    ("row", service, region, *row, f"{cell.price:f}", cell.unit, cell.sku, f"{cell.times:f}")
                    for row, cell in sorted(rows.items())
                )
            writer.writerows(("refused", *place, why) for place, why in sorted(part.refused.items()))
        half.replace(path)

    def head(self, name: str) -> Head:
        """What a list that waits is."""
        with (self.waiting / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            return _head(next(csv.reader(lines)))

    def part(self, name: str) -> Part:
        """A list that waits."""
        rows: dict[tuple[str, str], dict[Row, Cell]] = {}
        refused: dict[tuple[str, str, str], str] = {}
        with (self.waiting / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            head = _head(next(reader))
            for cells in reader:
                if cells[0] == "row":
                    cell = Cell(Decimal(cells[5]), cells[6], cells[7], Decimal(cells[8]))
                    rows.setdefault((cells[1], cells[2]), {})[cells[3], cells[4]] = cell
                else:
                    refused[cells[1], cells[2], cells[3]] = cells[4]
        return Part(head, rows, refused)

    def publish(self, names: Sequence[str]) -> int:
        """Put the waiting lists into use; the number of the new sheet, or of the one in use where it is the same."""
        old = imported.sheet(self.home)
        number = max([imported.number(self.home), *_numbers(self.folder)]) + 1
        try:
            self._write(self.folder / str(number), old, names)
            if old is not None and _is_same(self.folder / str(number), old.folder):
                shutil.rmtree(self.folder / str(number))
                shutil.rmtree(self.waiting, ignore_errors=True)
                return imported.number(self.home)
            _replace(self.folder / imported.CURRENT, f"{number}\n")
        except OSError as error:
            shutil.rmtree(self.folder / str(number), ignore_errors=True)
            raise StoreError(f"the new price sheet cannot be written: {error}; the old one stays in use") from None
        shutil.rmtree(self.waiting, ignore_errors=True)
        for gone in sorted(_numbers(self.folder))[:-KEPT]:
            shutil.rmtree(self.folder / str(gone), ignore_errors=True)
        return number

    def _write(self, folder: Path, old: Sheet | None, names: Sequence[str]) -> None:
        """The whole new sheet: the old rows that no list replaces, and what the lists say."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        heads = [self.head(name) for name in names]
        sources = {**(old.sources if old else {}), **{head.source.id: head.source for head in heads}}
        used = {head.source.id for head in heads} | _keep_rows(folder, old, heads)
        with (folder / imported.SKUS).open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(imported.SKU_COLUMNS)
            kept = imported.skus(old.folder) if old else ()
            writer.writerows(sku for sku in kept if not _is_replaced(heads, sku.source, sku.service, sku.region))
            for part in map(self.part, names):
                _add_rows(folder, part)
                writer.writerows(_skus(part))
        with (folder / "sources.toml").open("w", encoding="utf-8") as file:
            for name in sorted(used):
                file.write(f'["{name}"]\ntitle = "{sources[name].title}"\ndate = {sources[name].date.isoformat()}\n\n')
        _sync(folder)


def _head(cells: Sequence[str]) -> Head:
    _, provider, name, title, day, services, regions = cells
    source = Source(name, title, date.fromisoformat(day))
    return Head(provider, source, frozenset(services.split()), frozenset(regions.split()))


def _is_replaced(heads: Iterable[Head], source: str, service: str, region: str) -> bool:
    return any(head.replaces(source, service, region) for head in heads)


def _is_same(new: Path, old: Path) -> bool:
    """Whether two sheets say the same, in whatever order their products stand."""
    files = {path.relative_to(new) for path in new.rglob("*") if path.is_file()}
    if files != {path.relative_to(old) for path in old.rglob("*") if path.is_file()}:
        return False
    skus = Path(imported.SKUS)
    if not all(filecmp.cmp(new / name, old / name, shallow=False) for name in files - {skus}):
        return False
    return sorted((new / skus).read_bytes().splitlines()) == sorted((old / skus).read_bytes().splitlines())


def _numbers(folder: Path) -> list[int]:
    return [int(entry.name) for entry in folder.iterdir() if entry.name.isdigit()]


def _keep_rows(folder: Path, old: Sheet | None, heads: Sequence[Head]) -> set[str]:
    """Write the old rows that stay; the sources that they are of."""
    used: set[str] = set()
    for provider, service, region in _places(old):
        rows = _cells(old.folder if old else folder, (provider, service, region))
        kept = {name: row for name, row in rows.items() if not _is_replaced(heads, row[-1], service, region)}
        if kept:
            _write(folder, (provider, service, region), kept)
            used |= {row[-1] for row in kept.values()}
    return used


def _add_rows(folder: Path, part: Part) -> None:
    """Write what a list says, over what is there."""
    for (service, region), rows in part.rows.items():
        place = (part.provider, service, region)
        new = {row: (f"{cell.price:f}", cell.unit, part.source.id) for row, cell in rows.items()}
        _write(folder, place, _cells(folder, place) | new)


def _path(folder: Path, place: Place) -> Path:
    return folder / place[0] / place[1] / f"{place[2]}.csv"


def _cells(folder: Path, place: Place) -> dict[Row, tuple[str, ...]]:
    """The rows of one file of a sheet, as they are written; none where there is no such file."""
    path = _path(folder, place)
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader, None)
        return {(cells[0], cells[1]): tuple(cells[2:]) for cells in reader}


def _write(folder: Path, place: Place, rows: Mapping[Row, tuple[str, ...]]) -> None:
    path = _path(folder, place)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*name, *cells) for name, cells in sorted(rows.items()))


def _skus(part: Part) -> Iterator[imported.Sku]:
    """Which product of the provider's list is which row: how a bill's rows are known."""
    for (service, region), rows in sorted(part.rows.items()):
        for (key, option), cell in sorted(rows.items()):
            if option == ON_DEMAND and cell.sku:
                yield imported.Sku(part.source.id, part.provider, cell.sku, service, region, key, cell.times)


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

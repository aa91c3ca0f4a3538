"""Price lists that come in pages: each page waits on the disk, so that a run that broke off goes on after the last one.

Pages older than a day are read again: half a list of yesterday and half of today is no list.
"""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infragod.errors import InputError
from infragod.price.importers.fetch import RefusedError, Remote
from infragod.progress import Progress

OLDEST: Final = 24 * 60 * 60.0
FORGOTTEN: Final = (400, 410)
"""What a server answers that no longer knows the page it named: the list must be read from its beginning."""
ENDINGS: Final = (".json", ".json.gz")
Next = tuple[str, Mapping[str, str] | None]  # the address of the next page, and its parameters


@dataclass(frozen=True, slots=True)
class Paged:
    """A list of pages: where it begins, what a page must be, and how one names the next."""

    title: str
    first: Next
    items: Callable[[Any, str], list[Any]]
    following: Callable[[Any], Next | None]
    unit: str


def fetch(remote: Remote, paged: Paged, folder: Path, progress: Progress) -> None:
    """Read the pages that `folder` does not hold yet."""
    _forget_old(folder)
    folder.mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()
    number, turn = 0, paged.first
    progress.start(paged.title, None, paged.unit)
    try:
        while True:
            if json.dumps(turn) in seen:
                shutil.rmtree(folder)
                raise InputError(f"{paged.title}: page {number} names a page that was read already; try again later")
            seen.add(json.dumps(turn))
            page = _page(remote, paged, turn, folder / f"{number:05}.json.gz")
            progress.advance(len(paged.items(page, f"{paged.title}, page {number + 1}")))
            following = paged.following(page)
            if following is None:
                return
            number, turn = number + 1, following
    finally:
        progress.finish()


def _page(remote: Remote, paged: Paged, turn: Next, path: Path) -> Any:
    if path.is_file():
        return read(path)
    try:
        page = remote.document(*turn)
    except RefusedError as refused:
        if refused.status in FORGOTTEN:
            shutil.rmtree(path.parent)
        raise
    paged.items(page, path.name)  # what is no page, or names none, is not kept
    paged.following(page)
    half = path.with_suffix(".half")
    with gzip.open(half, "wt", encoding="utf-8", compresslevel=1) as file:
        json.dump(page, file)
    half.replace(path)
    return page


def _forget_old(folder: Path) -> None:
    first = folder / "00000.json.gz"
    if first.is_file() and time.time() - first.stat().st_mtime > OLDEST:
        shutil.rmtree(folder)


def files(place: Path) -> list[Path]:
    """The saved pages at a place: one file, or all in a folder."""
    if place.is_file():
        return [place]
    found = sorted(path for path in place.rglob("*") if path.name.endswith(ENDINGS))
    if not found:
        raise InputError(f"{place} is neither a saved page nor a folder of them (*.json, *.json.gz); check the name")
    return found


def each(paths: list[Path], title: str, progress: Progress) -> Iterator[tuple[str, Any]]:
    """(name, page) of saved pages, one at a time."""
    progress.start(title, len(paths), "pages")
    try:
        for path in paths:
            yield str(path), read(path)
            progress.advance(1)
    finally:
        progress.finish()


def read(path: Path) -> Any:
    """One saved page; its amounts stay exact."""
    from decimal import Decimal

    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            return json.load(file, parse_float=Decimal)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{path} is cut off or no JSON ({error}); save the page again") from None

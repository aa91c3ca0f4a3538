"""AWS's price lists: which lists there are, at the provider's address or in a folder, and their rows.

The index and the lists: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list.html
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final, cast
from urllib.parse import urljoin

from infragod.errors import InputError
from infragod.price.importers import offer
from infragod.price.importers.fetch import Remote
from infragod.price.importers.found import List
from infragod.price.importers.publish import Cell, Head, Part, Workplace
from infragod.price.importers.selector import offers
from infragod.price.sheet import GLOBAL, Source
from infragod.progress import Progress

PROVIDER: Final = "aws"
ADDRESS: Final = "https://pricing.us-east-1.amazonaws.com"
INDEX: Final = "/offers/v1.0/aws/index.json"


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the lists is wanted: from where, of which offers and regions; empty is all."""

    place: str = ""
    codes: Sequence[str] = ()
    regions: Sequence[str] = ()

    def __post_init__(self) -> None:
        strange = sorted(set(self.codes) - offers().keys())
        if strange:
            raise InputError(f"{', '.join(strange)}: no such price list is read; choose of {', '.join(offers())}")


def gather(work: Workplace, wish: Wish, today: date, progress: Progress) -> Iterator[str]:
    """Read every wanted list into the workplace; the names they wait under."""
    if wish.place and "://" not in wish.place:
        yield from _from_files(work, wish, today, progress)
    else:
        yield from _from_address(work, wish, today, progress)


def _from_files(work: Workplace, wish: Wish, today: date, progress: Progress) -> Iterator[str]:
    for path in _files(Path(wish.place)):
        name = f"{path.stem}-{path.stat().st_size}-{path.stat().st_mtime_ns}".replace("/", "_")
        if not work.has(name):
            with _opened(path, progress) as file:
                found = offer.read(file, str(path), today, progress)
            progress.finish()
            if not _is_wanted(found.code, wish.codes):
                continue
            work.keep(name, part(found, wish.regions))
        yield name


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    found = sorted(path for path in place.rglob("*") if path.name.endswith((".json", ".json.gz")))
    if not found:
        raise InputError(f"{place} is neither a price list nor a folder of them (*.json, *.json.gz); check the name")
    return found


def _opened(path: Path, progress: Progress) -> BinaryIO:
    progress.start(path.name, path.stat().st_size if path.suffix != ".gz" else None, "B")
    return cast("BinaryIO", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _from_address(work: Workplace, wish: Wish, today: date, progress: Progress) -> Iterator[str]:
    base = (wish.place or ADDRESS).rstrip("/")
    with Remote() as remote:
        index = remote.document(base + INDEX)
        listed = index.get("offers") if isinstance(index, dict) else None
        if not isinstance(listed, dict):
            raise InputError(f"{base}{INDEX} is no index of price lists: it has no offers; check the address")
        regions = {
            code: _listed(remote, base, listed.get(code, {}), code)
            for code in wish.codes or [code for code in offers() if code in listed]
        }
        _check(regions, wish)
        for code, known in regions.items():
            for region in _regions(code, known, wish):
                address = urljoin(base, known[region]["currentVersionUrl"])
                yield _fetched(work, remote, address, (code, region), wish, today, progress)


def _listed(remote: Remote, base: str, entry: dict[str, str], code: str) -> dict[str, dict[str, str]]:
    address = entry.get("currentRegionIndexUrl")
    if not address:
        raise InputError(f"{base}{INDEX} lists no regions of {code}; leave it out with --offer")
    regions: dict[str, dict[str, str]] = remote.document(urljoin(base, address))["regions"]
    return regions


def _check(listed: Mapping[str, Mapping[str, object]], wish: Wish) -> None:
    """``InputError`` where a wanted region is in none of the lists."""
    known = sorted({region for regions in listed.values() for region in regions})
    absent = [region for region in wish.regions if region not in known]
    if absent and not any(offers()[code].is_global for code in wish.codes):
        raise InputError(f"no price list is of {absent[0]}; there are some of {', '.join(known)}")


def _fetched(
    work: Workplace,
    remote: Remote,
    url: str,
    named: tuple[str, str],
    wish: Wish,
    today: date,
    progress: Progress,
) -> str:
    """The name under which a list waits, read from its address where it did not wait already."""
    code, region = named
    name = f"{code}-{region}-{url.rstrip('/').split('/')[-3]}"
    if not work.has(name):
        path = work.waiting / f"{name}.json"
        remote.download(url, path, f"{code} {region}", progress)
        with path.open("rb") as file:
            found = offer.read(file, url, today)
        work.keep(name, part(found, wish.regions if offers()[code].is_global else ()))
        path.unlink()
    return name


def _regions(code: str, listed: Mapping[str, object], wish: Wish) -> list[str]:
    """The regions of an offer whose lists are read: those that are wanted, or all where some prices are global."""
    if not wish.regions or offers()[code].is_global:
        return sorted(listed)
    return [region for region in wish.regions if region in listed]


def _is_wanted(code: str, codes: Sequence[str]) -> bool:
    return not codes or code in codes


def part(found: List, regions: Sequence[str]) -> Part:
    """What waits of a list: the rows of the wanted regions, under a source that names list and day."""
    rows = {
        (service, region): {row: Cell(one.price, one.unit, one.sku, one.times) for row, one in known.items()}
        for (service, region), known in found.rows.items()
        if known and (not regions or region in (*regions, GLOBAL))
    }
    regional = sorted({region for _, region in rows if region != GLOBAL})
    where = "all regions" if len(regional) > 1 else next(iter(regional), GLOBAL)
    source = Source(f"aws/{found.code}/{where}", f"AWS price list {found.code}, {where}", found.published)
    wanted = frozenset((*regions, GLOBAL)) if regions else frozenset()
    refused = {place: why for place, why in found.refused.items() if not wanted or place[1] in wanted}
    return Part(Head(PROVIDER, source, regions=wanted), rows, refused)

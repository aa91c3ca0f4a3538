"""Google's Cloud Billing catalogue: its services' products, page by page from the address or from saved pages.

https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from infragod.errors import InputError, SetupError
from infragod.price.importers import catalog, pages
from infragod.price.importers.fetch import Remote
from infragod.price.importers.pages import Next, Paged
from infragod.price.importers.publish import Cell, Head, Part, Workplace
from infragod.price.sheet import GLOBAL, Source
from infragod.progress import Progress

PROVIDER: Final = "google"
ADDRESS: Final = "https://cloudbilling.googleapis.com"
SERVICES: Final = "/v1/services"
PAGE_SIZE: Final = 5000
KEY_HEADER: Final = "x-goog-api-key"  # not in the address, which servers and proxies log


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the catalogue is wanted: from where, of which services and regions; empty is all. `key` is a secret."""

    place: str = ""
    services: Sequence[str] = ()
    regions: Sequence[str] = ()
    key: str = ""

    def __post_init__(self) -> None:
        strange = sorted(set(self.services) - set(catalog.names()))
        if strange:
            raise InputError(f"{', '.join(strange)}: no such service is read; choose of {', '.join(catalog.names())}")


def gather(work: Workplace, wish: Wish, today: date, progress: Progress) -> Iterator[str]:
    """Read what is wanted of the catalogue into the workplace; the names of the lists that wait there."""
    if wish.place and "://" not in wish.place:
        paths = pages.files(Path(wish.place))
        found = catalog.read(pages.each(paths, "catalogue", progress), today)
        yield from _kept(work, found, wish)
        return
    base = (wish.place or ADDRESS).rstrip("/")
    if not wish.key and not wish.place:
        raise SetupError(
            "the Cloud Billing catalogue is read with an API key: set INFRAGOD_GOOGLE_API_KEY, "
            "or give saved pages with --from"
        )
    folder = work.waiting / "pages"
    with Remote({KEY_HEADER: wish.key}) as remote:
        wanted = set(wish.services or catalog.names())
        for name, service in _services(remote, base, folder, progress):
            if name in wanted:
                yield from _service(work, remote, base, (name, service), wish, today, progress)


def _services(remote: Remote, base: str, folder: Path, progress: Progress) -> list[tuple[str, str]]:
    """(name, number) of all services."""
    paged = _paged(base + SERVICES, "services", "services", _listed)
    place = folder / _mark(base, "services")
    pages.fetch(remote, paged, place, progress)
    return [
        (str(entry.get("displayName", "")), str(entry["serviceId"]))
        for path in pages.files(place)
        for entry in _listed(pages.read(path), str(path))
    ]


def _service(
    work: Workplace,
    remote: Remote,
    base: str,
    service: tuple[str, str],
    wish: Wish,
    today: date,
    progress: Progress,
) -> Iterator[str]:
    name, number = service
    paged = _paged(f"{base}{SERVICES}/{number}/skus", name, "products", catalog.skus)
    place = work.waiting / "pages" / _mark(base, number)
    pages.fetch(remote, paged, place, progress)
    each = ((f"{name}, page {int(path.name[:5]) + 1}", pages.read(path)) for path in pages.files(place))
    found = catalog.read(each, today)
    yield from _kept(work, found, wish)


def _paged(url: str, title: str, unit: str, items: Any) -> Paged:
    first: Next = (url, {"pageSize": str(PAGE_SIZE)})
    return Paged(title, first, items, partial(_following, url), unit)


def _following(url: str, page: Any) -> Next | None:
    token = page.get("nextPageToken")
    return (url, {"pageSize": str(PAGE_SIZE), "pageToken": str(token)}) if token else None


def _listed(page: Any, where: str) -> list[Any]:
    found = page.get("services") if isinstance(page, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("serviceId") for one in found):
        raise InputError(f"{where} is no list of Google Cloud's services; check the address")
    return found


def _mark(base: str, name: str) -> str:
    """The folder of pages of one list of one address."""
    return f"{name}-{hashlib.sha256(base.encode()).hexdigest()[:8]}"


def _kept(work: Workplace, found: dict[str, catalog.Catalog], wish: Wish) -> Iterator[str]:
    for service, one in sorted(found.items()):
        if wish.services and service not in wish.services:
            continue
        name = slug(service)
        work.keep(name, part(service, one, wish.regions))
        yield name


def slug(name: str) -> str:
    """`Compute Engine` → `compute-engine`."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def part(service: str, one: catalog.Catalog, regions: Iterable[str]) -> Part:
    """What waits of a service: its rows in the wanted regions."""
    wanted = set(regions)
    rows = {
        place: {row: Cell(price.price, price.unit, price.sku, price.times) for row, price in known.items()}
        for place, known in one.found.rows.items()
        if known and (not wanted or place[1] in wanted | {GLOBAL})
    }
    source = Source(f"gcp/{slug(service)}", f"Cloud Billing catalogue, {service}", one.found.published)
    refused = {place: why for place, why in one.found.refused.items() if not wanted or place[1] in wanted}
    head = Head(PROVIDER, source, regions=frozenset(wanted | {GLOBAL} if wanted else ()))
    return Part(head, rows, refused)

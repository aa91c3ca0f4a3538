"""Azure's retail prices: page by page from the address or from saved pages, one list a region.

https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices

A row's key is what the price page calls it: armSkuName, product, SKU and meter, what says "Spot" left out, and
`from-<n>` for a tier that begins above 0. Prices of Dev/Test subscriptions are left out, and what is free has no row.
A reservation's price is that of the whole term; the sheet has it by the hour.
"""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, TextIO

from infragod.errors import InputError
from infragod.price.importers import pages
from infragod.price.importers.fetch import Remote
from infragod.price.importers.found import Found, List
from infragod.price.importers.pages import Next, Paged
from infragod.price.importers.publish import Cell, Head, Part, Workplace
from infragod.price.sheet import CURRENCY, GLOBAL, ON_DEMAND, Source
from infragod.progress import Progress

PROVIDER: Final = "azurerm"
ADDRESS: Final = "https://prices.azure.com"
PRICES: Final = "/api/retail/prices"
VERSION: Final = "2023-01-01-preview"
TITLE: Final = "Azure retail prices"
HOURS_OF: Final = {"1 Year": 8760, "3 Years": 26280, "5 Years": 43800}
KINDS: Final = (("Low Priority", "low-priority"), ("Spot", "spot"))
_KIND: Final = re.compile(r"\s*\b(?:Low Priority|Spot)\b")
_SAFE: Final = re.compile(r"[^a-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the prices is wanted: from where, of which services and regions; empty is all."""

    place: str = ""
    services: Sequence[str] = ()
    regions: Sequence[str] = ()

    @property
    def filter(self) -> str:
        """The wish as the API reads it; its texts are exact, capitals too."""
        asked = (("serviceName", self.services), ("armRegionName", self.regions))
        return " and ".join(_either(name, values) for name, values in asked if values)

    def wants(self, item: Mapping[str, Any]) -> bool:
        """Whether a price is one of those that are wanted."""
        service, region = item.get("serviceName"), item.get("armRegionName") or GLOBAL
        return (not self.services or service in self.services) and (not self.regions or region in self.regions)


def _either(name: str, values: Sequence[str]) -> str:
    tests = ["{} eq '{}'".format(name, value.replace("'", "''")) for value in values]
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def gather(work: Workplace, wish: Wish, today: date, progress: Progress) -> Iterator[str]:
    """Read the wanted prices into the workplace; the names of the lists that wait there."""
    is_here = wish.place and "://" not in wish.place
    paths = pages.files(Path(wish.place)) if is_here else _fetched(work, wish, progress)
    folder = work.waiting / "regions"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begun = _sort(pages.each(paths, TITLE, progress), folder, wish, today)
    if begun.items and not begun.current:
        raise InputError(f"{wish.place or ADDRESS}: every price begins on a day to come; check this machine's clock")
    for path in sorted(folder.glob("*.csv")):
        name = f"azure-{path.stem}"
        work.keep(name, _part(path, wish))
        yield name
    shutil.rmtree(folder)


def _fetched(work: Workplace, wish: Wish, progress: Progress) -> list[Path]:
    base = (wish.place or ADDRESS).rstrip("/")
    parameters = {"api-version": VERSION, "currencyCode": CURRENCY} | ({"$filter": wish.filter} if wish.filter else {})
    first: Next = (base + PRICES, parameters)

    def following(page: Any) -> Next | None:
        link = page.get("NextPageLink")
        if link and not str(link).startswith(f"{base}/"):
            raise InputError(f"{base} names {str(link)[:80]!r} as its next page, which is elsewhere; check the address")
        return (str(link), None) if link else None

    mark = hashlib.sha256(f"{base} {wish.filter}".encode()).hexdigest()[:12]
    folder = work.waiting / "pages" / mark
    with Remote() as remote:
        pages.fetch(remote, Paged(TITLE, first, items, following, "prices"), folder, progress)
    return pages.files(folder)


def items(page: Any, where: str) -> list[Any]:
    """The prices of a page."""
    found = page.get("Items") if isinstance(page, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) and "retailPrice" in item for item in found):
        raise InputError(f"{where} is no page of Azure's retail prices: it has no list of Items; check the file")
    return found


@dataclass(slots=True)
class _Begun:
    """How many prices there are, and how many of them hold today."""

    items: int = 0
    current: int = 0


def _sort(each: Iterable[tuple[str, Any]], folder: Path, wish: Wish, today: date) -> _Begun:
    """Write what each price says into a file of its region, so that one region at a time is in memory."""
    begun = _Begun()
    with ExitStack() as stack:
        open_files: dict[str, TextIO] = {}
        for where, page in each:
            for item in items(page, where):
                begun.items += 1
                if not wish.wants(item) or not _holds(item, today):
                    continue
                begun.current += 1
                region = slug(str(item.get("armRegionName") or GLOBAL))
                if region not in open_files:
                    path = folder / f"{region}.csv"
                    open_files[region] = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                csv.writer(open_files[region]).writerows(_lines(item, where))
    return begun


def _holds(item: Mapping[str, Any], today: date) -> bool:
    """Whether a price has begun and has not ended."""
    end = item.get("effectiveEndDate")
    return _day(item.get("effectiveStartDate")) <= today + timedelta(days=1) and (not end or _day(end) >= today)


def _lines(item: Mapping[str, Any], where: str) -> Iterator[tuple[object, ...]]:
    """(service, key, option, price, unit, primary, day, meter) of a price and of its savings plans."""
    if item.get("currencyCode") != CURRENCY:
        raise InputError(f"{where} has prices in {item.get('currencyCode')}; import those in {CURRENCY}")
    option = _option(item)
    if not option:
        return
    service, unit, price = slug(str(item.get("serviceName"))), _unit(item), _number(item["retailPrice"], where)
    if option.startswith("reserved/"):
        price, unit = price / HOURS_OF[str(item["reservationTerm"])], "hours"
    tail = (unit, item.get("isPrimaryMeterRegion", True), _day(item.get("effectiveStartDate")), item.get("meterId"))
    yield (service, _key(item, where), option, f"{price:f}", *tail)
    for plan in item.get("savingsPlan") or ():
        term = str(plan.get("term"))
        if term in HOURS_OF:
            amount = _number(plan.get("retailPrice"), where)
            yield (service, _key(item, where), f"savings-plan/{_term(term)}", f"{amount:f}", *tail)


def _option(item: Mapping[str, Any]) -> str:
    """The purchase option; empty for what a sheet does not hold."""
    kind = item.get("type")
    if kind == "Reservation":
        term = str(item.get("reservationTerm"))
        return f"reserved/{_term(term)}" if term in HOURS_OF else ""
    if kind != "Consumption":
        return ""
    words = f"{item.get('skuName', '')} {item.get('meterName', '')}"
    return next((option for word, option in KINDS if word in words), ON_DEMAND)


def _term(text: str) -> str:
    return text.lower().replace(" ", "_")


def _key(item: Mapping[str, Any], where: str) -> str:
    names = [slug(_KIND.sub("", str(item.get(name) or ""))) for name in ("productName", "skuName", "meterName")]
    parts = [str(item.get("armSkuName") or "").replace("/", "-"), *names]
    begin = _number(item.get("tierMinimumUnits", 0), where)
    tier = [f"from-{begin.normalize():f}"] if begin > 0 else []
    return "/".join(part for part in (*dict.fromkeys(part for part in parts if part), *tier))


def _unit(item: Mapping[str, Any]) -> str:
    text = str(item.get("unitOfMeasure", ""))
    return "hours" if text == "1 Hour" else text.removeprefix("1 ")


def _number(value: Any, where: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError(f"{where}: {value!r} is no price; save the page again")
    return number


def _day(value: Any) -> date:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return date.min
    return (found.astimezone(UTC) if found.tzinfo else found).date()


@dataclass(slots=True)
class _Best:
    """Of a row's prices those of the newest day and, among them, of primary meters."""

    rank: tuple[str, bool] = ("", False)
    found: dict[Decimal, tuple[str, str]] = field(default_factory=dict)

    def add(self, rank: tuple[str, bool], price: Decimal, unit: str, meter: str) -> None:
        """One more price."""
        if rank > self.rank:
            self.rank, self.found = rank, {}
        if rank == self.rank:
            self.found[price] = (unit, meter)


def _part(path: Path, wish: Wish) -> Part:
    """The rows of one region: one price each, or it is refused."""
    best: dict[tuple[str, str, str], _Best] = {}
    newest = ""
    with path.open(encoding="utf-8", newline="") as lines:
        for service, key, option, price, unit, primary, day, meter in csv.reader(lines):
            best.setdefault((service, key, option), _Best()).add((day, primary == "True"), Decimal(price), unit, meter)
            newest = max(newest, day)
    found = List()
    for (service, key, option), one in best.items():
        for amount, (unit, meter) in one.found.items():
            found.put((service, path.stem), (key, option), Found(amount, unit, meter))
    rows = {
        place: {row: Cell(one.price, one.unit, "", one.times) for row, one in known.items() if one.price > 0}
        for place, known in found.rows.items()
    }
    source = Source(f"azure/{path.stem}", f"{TITLE}, {path.stem}", date.fromisoformat(newest))
    head = Head(PROVIDER, source, services=frozenset(map(slug, wish.services)))
    return Part(head, {place: known for place, known in rows.items() if known}, found.refused)


def slug(name: str) -> str:
    """`Virtual Machines` → `virtual-machines`."""
    return _SAFE.sub("-", name.lower()).strip("-.")

"""Pages of Google's Cloud Billing catalogue → rows of a sheet; what cannot be resolved to one price is refused.

The format: https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from infragod.errors import InputError
from infragod.price.importers import machines
from infragod.price.importers.found import Found, List, Place, UnclearError
from infragod.price.importers.selector import Selector, Step, offers
from infragod.price.sheet import BUILT_IN, CURRENCY, GLOBAL, ON_DEMAND

SPOT: Final = "spot"
_USAGE: Final = "usageType"
_OPTIONS: Final = {"OnDemand": ON_DEMAND, "Preemptible": SPOT}
_PLACES: Final = {"europe": "eu"}  # multi-regions that are called otherwise in Terraform
_NANOS: Final = Decimal(10**9)


@dataclass(slots=True)
class Catalog:
    """What the pages of one service hold."""

    where: str
    found: List = field(default_factory=List)
    regions: set[str] = field(default_factory=set)
    everywhere: dict[tuple[str, str, str], Found] = field(default_factory=dict)

    def put(self, place: Place, row: tuple[str, str], found: Found, *, is_global: bool) -> None:
        """Keep a price; one of all regions waits until the regions are known."""
        if place[1] != GLOBAL or is_global:
            self.found.put(place, row, found)
            return
        name = (place[0], *row)
        known = self.everywhere.setdefault(name, found)
        if known.price != found.price:
            self.found.refuse(place, row[0], f"two prices: {known.price} ({known.sku}) and {found.price} ({found.sku})")

    def close(self, regions: Iterable[str]) -> None:
        """Spread what holds in all regions, and compute the machine types."""
        for (service, key, option), found in self.everywhere.items():
            if (service, GLOBAL, key) not in self.found.refused:
                for region in regions:
                    self.found.rows.setdefault((service, region), {}).setdefault((key, option), found)
        for (service, _), rows in self.found.rows.items():
            for option in (ON_DEMAND, SPOT) if service == "compute" else ():
                prices = {key: found.price for (key, kind), found in rows.items() if kind == option}
                for key, price in machines.composed(prices):
                    rows[key, option] = Found(price, machines.UNIT, "")


def names() -> list[str]:
    """The services, as Google calls them, that any selector looks at."""
    return sorted({name for offer in offers("gcp").values() for name in offer.names})


def read(pages: Iterable[tuple[str, Any]], today: date) -> dict[str, Catalog]:
    """The rows of all pages, by service. ``InputError``: no page of it, other currencies, of a day to come."""
    catalogs: dict[str, Catalog] = {}
    for where, page in pages:
        for sku in skus(page, where):
            category = sku.get("category", {})
            catalog = catalogs.setdefault(str(category.get("serviceDisplayName", "")), Catalog(where))
            catalog.where = where
            _product(catalog, sku, category)
    everywhere = {region for catalog in catalogs.values() for region in catalog.regions}
    everywhere.update(BUILT_IN.regions("google", "compute"))
    for catalog in catalogs.values():
        if catalog.found.published > today + timedelta(days=1):
            day = catalog.found.published
            raise InputError(f"{catalog.where} is of {day}, which is to come; check the file and this machine's clock")
        if catalog.found.published == date.min:  # no price says since when it holds: it does today
            catalog.found.published = today
        catalog.close(sorted(everywhere))
    return catalogs


def skus(page: Any, where: str) -> list[Any]:
    """The products of a page."""
    found = page.get("skus") if isinstance(page, dict) else None
    if not isinstance(found, list) or not all(isinstance(sku, dict) and sku.get("skuId") for sku in found):
        raise InputError(f"{where} is no page of the Cloud Billing catalogue: it has no list of skus; check the file")
    return found


def _product(catalog: Catalog, sku: Mapping[str, Any], category: Mapping[str, Any]) -> None:
    option = _OPTIONS.get(category.get(_USAGE, ""))
    if option is None:  # commitments
        return
    catalog.found.products += 1
    regions = [_PLACES.get(region, region) for region in sku.get("serviceRegions", ())]
    catalog.regions.update(region for region in regions if "-" in region)
    attributes = {
        "description": _plain(str(sku.get("description", "")), option),
        "resourceGroup": str(category.get("resourceGroup", "")),
        _USAGE: str(category[_USAGE]),
    }
    for selector in _selectors(str(category.get("serviceDisplayName", "")), str(category.get("resourceFamily", ""))):
        for region in regions:
            key = selector.read(attributes | {"region": region}) if _is_for(selector, option) else None
            if key is not None:
                _put(catalog, selector, key, region, option, sku)


def _plain(description: str, option: str) -> str:
    """The description without what says that the product is a spot one."""
    if option == SPOT:
        description = description.removeprefix("Spot Preemptible ").replace(" attached to Spot Preemptible VMs", "")
    return description


def _selectors(service: str, family: str) -> Iterator[Selector]:
    for offer in offers("gcp").values():
        if service in offer.names:
            yield from offer.selectors.get(family, ())


def _is_for(selector: Selector, option: str) -> bool:
    """Whether a selector looks at spot products: as such, or because it says itself which usage it means."""
    return option == ON_DEMAND or selector.is_spot or any(name == _USAGE for name, _ in selector.tests)


def _put(catalog: Catalog, selector: Selector, key: str, region: str, option: str, sku: Mapping[str, Any]) -> None:
    place = (selector.service, GLOBAL if selector.is_global else region)
    name = str(sku["skuId"])
    try:
        for tier, price in selector.priced(key, _steps(catalog, selector, sku)):
            row = (tier, option if selector.is_spot else ON_DEMAND)
            found = Found(price, selector.unit, name, selector.times)
            catalog.put(place, row, found, is_global=selector.is_global)
    except UnclearError as why:
        catalog.found.refuse(place, key, f"{why} ({name})")


def _steps(catalog: Catalog, selector: Selector, sku: Mapping[str, Any]) -> list[Step]:
    """The tiers of the newest price. Leading free ones are the account's or the project's, not a resource's."""
    infos = [info for info in sku.get("pricingInfo", ()) if isinstance(info, dict)]
    if not infos:
        raise UnclearError("it has no price")
    info = max(infos, key=lambda info: str(info.get("effectiveTime", "")))
    catalog.found.published = max(catalog.found.published, _day(str(info.get("effectiveTime", ""))))
    expression = info.get("pricingExpression", {})
    if not selector.fits(str(expression.get("usageUnit", ""))):
        raise UnclearError(f"its unit is {expression.get('usageUnit')!r} instead of {' or '.join(selector.units)}")
    steps = sorted(_step(catalog, rate) for rate in expression.get("tieredRates", ()))
    while len(steps) > 1 and steps[0][1] == 0:
        steps = steps[1:]
    return _from_zero(steps, selector)


def _from_zero(steps: list[Step], selector: Selector) -> list[Step]:
    begins_above = bool(selector.tiers) and selector.tiers[0] > 0
    return steps if begins_above or not steps else [(Decimal(0), steps[0][1]), *steps[1:]]


def _step(catalog: Catalog, rate: Mapping[str, Any]) -> Step:
    price = rate.get("unitPrice", {})
    currency = price.get("currencyCode", CURRENCY)
    if currency != CURRENCY:
        raise InputError(f"{catalog.where} has prices in {currency}; import the catalogue in {CURRENCY}")
    try:
        amount = Decimal(int(price.get("units", 0) or 0)) + Decimal(int(price.get("nanos", 0) or 0)) / _NANOS
        return Decimal(str(rate.get("startUsageAmount", 0) or 0)), amount
    except (ValueError, ArithmeticError):
        raise UnclearError(f"{price!r} is no price") from None


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).date()
    except ValueError:
        return date.min

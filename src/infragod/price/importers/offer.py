"""One file of AWS's price lists → rows of a sheet; what cannot be resolved to exactly one price is refused and named.

The format: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, Final

from infragod.errors import InputError
from infragod.price.importers.found import Found, List, Place, UnclearError
from infragod.price.importers.members import members
from infragod.price.importers.selector import Offer, Selector, offers
from infragod.price.sheet import CURRENCY, GLOBAL, ON_DEMAND
from infragod.progress import SILENT, Progress

DEPTHS: Final = {"products": 1, "terms": 2}
ENDLESS: Final = "Inf"
HOURS_OF: Final = {"1yr": 8760, "3yr": 26280}
PAYMENTS: Final = {"No Upfront": "no_upfront", "Partial Upfront": "partial_upfront", "All Upfront": "all_upfront"}
TERMS: Final = {"1yr": "1_year", "3yr": "3_year"}


def read(file: BinaryIO, where: str, today: date, progress: Progress = SILENT) -> List:
    """The rows in one file. ``InputError``: no price list, cut off, unknown offer, or of a day to come."""
    found = List()
    wanted: dict[str, list[tuple[Selector, Place, str]]] = {}
    offer: Offer | None = None
    for path, value in members(file, DEPTHS, where, progress):
        match path:
            case ("products", sku):
                offer = offer or _offer(found, where, today)
                found.products += 1
                takers = _takers(offer, value)
                if takers:
                    wanted[sku] = takers
            case ("terms", kind, sku):
                for selector, place, key in wanted.get(sku, ()):
                    _terms(found, selector, place, key, kind, sku, value)
            case _:
                _about(found, path[0], value)
    if offer is None:
        _offer(found, where, today)
    return found


def _about(found: List, name: str, value: Any) -> None:
    if name == "offerCode":
        found.code = str(value)
    elif name == "version":
        found.version = str(value)
    elif name == "publicationDate":
        found.published = _day(str(value))


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).date()
    except ValueError:
        return date.min


def _offer(found: List, where: str, today: date) -> Offer:
    """The selectors of the file, once its head is read; the file must be one that we know, and not of the future."""
    if not found.code or found.published == date.min:
        raise InputError(f"{where} is no price list of AWS: offerCode or publicationDate is missing before products")
    if found.published > today + timedelta(days=1):
        raise InputError(f"{where} is of {found.published}, which is to come; check the file and this machine's clock")
    offer = offers().get(found.code)
    if offer is None:
        raise InputError(
            f"{where} is the price list of {found.code}, of which no recipe needs a price; "
            f"those that are read: {', '.join(offers())}"
        )
    return offer


def _takers(offer: Offer, product: Mapping[str, Any]) -> list[tuple[Selector, Place, str]]:
    attributes = product.get("attributes", {})
    region = attributes.get("regionCode", "")
    taken = offer.of(product.get("productFamily", ""), attributes)
    return [(selector, (selector.service, GLOBAL if selector.is_global else region), key) for selector, key in taken]


def _terms(
    found: List, selector: Selector, place: Place, key: str, kind: str, sku: str, terms: Mapping[str, Any]
) -> None:
    if kind == "OnDemand":
        _on_demand(found, selector, place, key, sku, terms)
    elif kind == "Reserved" and selector.is_reserved:
        for term in terms.values():
            option = _option(term.get("termAttributes", {}))
            price = _reserved(term)
            if option and price:
                found.put(place, (key, option), Found(price, selector.unit, sku, selector.times))


def _on_demand(found: List, selector: Selector, place: Place, key: str, sku: str, terms: Mapping[str, Any]) -> None:
    if not place[1]:
        found.refuse(place, key, f"{sku} names no region")
        return
    try:
        for name, price in _prices(selector, key, terms):
            found.put(place, (name, ON_DEMAND), Found(price, selector.unit, sku, selector.times))
    except UnclearError as why:
        found.refuse(place, key, f"{why} ({sku})")


def _prices(selector: Selector, key: str, terms: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """(key, price) of each tier of the newest term."""
    term = max(terms.values(), key=lambda term: str(term.get("effectiveDate", "")))
    steps = sorted(
        (_step(dimension, selector) for dimension in term["priceDimensions"].values()), key=lambda step: step[0]
    )
    _check_steps(steps)
    yield from selector.priced(key, [(begin, price) for begin, _, price in steps])


def _step(dimension: Mapping[str, Any], selector: Selector) -> tuple[Decimal, Decimal | None, Decimal]:
    """Where a tier begins, where it ends (None: never), and its price."""
    if not selector.fits(str(dimension.get("unit", ""))):
        raise UnclearError(f"its unit is {dimension.get('unit')!r} instead of {' or '.join(selector.units)}")
    prices = dimension.get("pricePerUnit", {})
    if set(prices) != {CURRENCY}:
        raise UnclearError(f"its price is in {', '.join(sorted(prices)) or 'no currency'} instead of {CURRENCY}")
    end = dimension.get("endRange", ENDLESS)
    return (
        _number(dimension.get("beginRange", "0")),
        None if end == ENDLESS else _number(end),
        _number(prices[CURRENCY]),
    )


def _check_steps(steps: list[tuple[Decimal, Decimal | None, Decimal]]) -> None:
    ends = [end for _, end, _ in steps]
    if ends[-1:] != [None] or any(end != after[0] for end, after in zip(ends[:-1], steps[1:], strict=True)):
        raise UnclearError("its tiers leave a gap or overlap")


def _number(text: object) -> Decimal:
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UnclearError(f"{text!r} is no number")
    return number


def _option(attributes: Mapping[str, str]) -> str:
    """The purchase option of a reservation as recipes name it; empty where it is none that they know."""
    term, payment = (
        TERMS.get(attributes.get("LeaseContractLength", "")),
        PAYMENTS.get(attributes.get("PurchaseOption", "")),
    )
    kind = attributes.get("OfferingClass") or "standard"
    return f"reserved/{kind}/{term}/{payment}" if term and payment else ""


def _reserved(term: Mapping[str, Any]) -> Decimal | None:
    """The hourly price of a reservation: its hourly fee and its upfront fee spread over the hours of the term."""
    hours = HOURS_OF.get(term.get("termAttributes", {}).get("LeaseContractLength", ""))
    if hours is None:
        return None
    hourly = Decimal(0)
    for dimension in term.get("priceDimensions", {}).values():
        price = _number(dimension.get("pricePerUnit", {}).get(CURRENCY, "NaN"))
        hourly += price / hours if dimension.get("unit") == "Quantity" else price
    return hourly

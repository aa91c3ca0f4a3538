"""Learn the company's own rates from a month of the lake."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.price import imported
from infragod.price.importers import machines
from infragod.price.importers.selector import Offer, Selector, offers
from infragod.price.own import FOLDER
from infragod.price.sheet import CURRENCY, GLOBAL

_TIER: Final = re.compile(r"(?<=[/-])\d+$")
_SQL: Final = files("infragod") / "sql" / "analyse"
PROVIDERS: Final = {
    "aws": "aws",
    "amazon web services": "aws",
    "gcp": "google",
    "google": "google",
    "google cloud": "google",
    "google cloud platform": "google",
}
"""How bills call the providers."""
Row = tuple[str, str, str, str, str, Decimal, str]  # provider, service, region, key, account, price, unit


@dataclass(frozen=True, slots=True)
class Measured:
    """What a month's bills say: the rates, and how many of its products are known to our sheets."""

    month: Period
    rates: tuple[Row, ...]
    accounts: Mapping[str, Mapping[str, list[str]]]
    products: int


def measure(engine: Engine, month: Period, home: Path) -> Measured:
    """The rates of one month. Products that no recipe needs, and rows of another currency, are left out."""
    bought = engine.dicts((_SQL / "own_rates.sql").read_text(encoding="utf-8"), {"month": str(month)})
    rates: dict[tuple[str, ...], Row] = {}
    ambiguous: set[tuple[str, ...]] = set()
    known = Known(home)
    for row in bought:
        for rate in known.rates(row):
            name = rate[:5]
            if name in rates and rates[name] != rate:
                ambiguous.add(name)
            rates[name] = rate
    places = engine.run((_SQL / "workspace_accounts.sql").read_text(encoding="utf-8"), {"month": str(month)})
    accounts: dict[str, dict[str, list[str]]] = {}
    for workspace, name, account in places:
        accounts.setdefault(workspace, {}).setdefault(provider_of(name), []).append(account)
    clear = tuple(rate for name, rate in sorted(rates.items()) if name not in ambiguous)
    return Measured(month, (*clear, *_machines(clear)), accounts, len(bought))


def write(measured: Measured, home: Path) -> Path:
    """Put the rates of a month in place, whole."""
    path = home / FOLDER / f"{measured.month}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rates = [[*rate[:5], f"{rate[5]:f}", rate[6]] for rate in measured.rates]
    half = path.with_suffix(".half")
    half.write_text(json.dumps({"rates": rates, "accounts": measured.accounts}), encoding="utf-8")
    half.replace(path)
    return path


class Known:
    """How a bill's product is known: by the provider's own number where a list was imported, else by its meter."""

    def __init__(self, home: Path) -> None:
        sheet = imported.sheet(home)
        self._skus: dict[tuple[str, str], list[imported.Sku]] = {}
        for sku in imported.skus(sheet.folder) if sheet else ():
            self._skus.setdefault((sku.provider, sku.sku), []).append(sku)
        self._offers: dict[str, list[Offer]] = {}
        for offer in (*offers().values(), *offers("gcp").values()):
            for name in offer.names:
                self._offers.setdefault(name, []).append(offer)

    def rates(self, row: Mapping[str, Any]) -> Iterable[Row]:
        """The rate that a product of a bill is; none where no recipe needs it."""
        provider = provider_of(row["provider"])
        if not provider or row["currency"] != CURRENCY:
            return []
        skus = self._listed(provider, row)
        if skus:  # tiers of one product are none: the bill does not say which one this is
            named = Counter((sku.service, _TIER.sub("", sku.key)) for sku in skus)
            clear = [sku for sku in skus if named[sku.service, _TIER.sub("", sku.key)] == 1]
            return [_row(row, provider, sku.service, sku.region, sku.key, sku.times) for sku in clear]
        return [
            _row(row, provider, selector.service, _region(selector, row), key, selector.times)
            for offer in self._offers.get(row["service"] or "", ())
            for selector, key in offer.billed(row["meter"] or "", row["description"] or "")
            if selector.fits(row["unit"] or "")
        ]

    def used(self, row: Mapping[str, Any]) -> tuple[tuple[str, str, str], Decimal] | None:
        """What a product of a bill is called (provider, service, key), and how many of its units are one of ours.

        Tiers are called as the first one. None where no recipe needs it, or where it may be several things.
        """
        provider = provider_of(row["provider"])
        skus = self._listed(provider, row)
        if skus:
            tiers = len(skus) > 1
            found = {(sku.service, _TIER.sub("1", sku.key) if tiers else sku.key, sku.times) for sku in skus}
        else:
            found = {
                (selector.service, key.replace("{tier}", "1"), selector.times)
                for offer in self._offers.get(row["service"] or "", ())
                for selector, key in offer.metered(row["meter"] or "", row["description"] or "")
                if selector.fits(row["unit"] or "")
            }
        if not provider or len(found) != 1:
            return None
        service, key, times = found.pop()
        return (provider, service, key), times

    def _listed(self, provider: str, row: Mapping[str, Any]) -> list[imported.Sku]:
        """What the imported list has of a bill's product, in the bill's region where it is of several."""
        found = self._skus.get((provider, row["sku"] or ""), [])
        if len({sku.region for sku in found}) < 2:  # noqa: PLR2004 - one region, or none
            return found
        region = row.get("region", found[0].region)
        return [sku for sku in found if sku.region == region]


def _machines(rates: Iterable[Row]) -> Iterable[Row]:
    """Machine types of Google, which bills know by their cores and memory."""
    parts: dict[tuple[str, str], dict[str, Decimal]] = {}
    for provider, service, region, key, account, price, _ in rates:
        if (provider, service) == ("google", "compute"):
            parts.setdefault((region, account), {})[key] = price
    for (region, account), prices in parts.items():
        for key, price in machines.composed(prices):
            yield "google", "compute", region, key, account, price, machines.UNIT


def provider_of(name: str | None) -> str:
    """Our name of the provider that a bill names; empty where we know none."""
    return PROVIDERS.get((name or "").lower(), "")


def _region(selector: Selector, row: Mapping[str, Any]) -> str:
    return GLOBAL if selector.is_global else row["region"] or ""


def _row(row: Mapping[str, Any], provider: str, service: str, region: str, key: str, times: Decimal) -> Row:
    return provider, service, region, key, row["account"] or "", row["price"] * times, row["unit"] or ""

"""Google's catalogue onto our keys: each key that a recipe asks for is made once, or is listed with the reason."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from tests.price.importers import catalogs
from tests.price.test_recipes import USAGE

from infragod.price import usage
from infragod.price.estimate import estimate
from infragod.price.importers import catalog, machines
from infragod.price.importers.found import Found
from infragod.price.importers.selector import offers
from infragod.price.sheet import BUILT_IN, ON_DEMAND, Price, Prices
from infragod.terraform.plan import read as read_plan

PLANS = Path(__file__).parents[1] / "plans"
TODAY = date(2026, 11, 22)
UNLISTED = Path(catalog.__file__).parent / "gcp" / "unlisted.toml"

Asked = tuple[str, str, str]  # service, key, purchase option
asked: set[Asked] = set()


class Recording(Prices):
    """Prices that write down what they were asked for."""

    def find(self, provider: str, service: str, region: str, key: str, option: str = ON_DEMAND) -> Price | None:
        """The price, and a note that it was asked for."""
        if provider == "google":
            asked.add((service, key, option))
        return Prices.find(self, provider, service, region, key, option)


@cache
def wanted() -> list[Asked]:
    """What the recipes ask for in the example plans, and what the built-in sheet has."""
    for path in sorted(PLANS.glob("*google*.json")):
        for text in ("", USAGE):
            plan = read_plan(path, b"key")
            estimate(plan, Recording(), usage.parse(text, "usage.toml"), currency="USD", as_of=TODAY)
    for path in sorted((BUILT_IN.folder / "google").glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            asked.update((path.parent.name, row["key"], row["option"]) for row in csv.DictReader(lines))
    return sorted(asked)


@cache
def made() -> dict[Asked, list[Found]]:
    """What the selectors make of a catalogue in which no two products cost the same."""
    counter = catalogs.Counter()
    page = {"skus": [*catalogs.compute(counter), *catalogs.services(counter)]}
    found: dict[Asked, list[Found]] = {}
    for one in catalog.read([("page", page)], TODAY).values():
        assert not one.found.refused, "two products make the same row"
        for (service, region), rows in one.found.rows.items():
            if region in ("us-central1", "global", "us"):
                for (key, option), price in rows.items():
                    found.setdefault((service, key, option), []).append(price)
    return found


def unlisted() -> Iterator[tuple[str, str]]:
    document = tomllib.loads(UNLISTED.read_text(encoding="utf-8"))
    return ((pattern, entry["reason"]) for entry in document["unlisted"] for pattern in entry["keys"])


def reason(service: str, key: str, option: str) -> str:
    """Why the catalogue has it not; empty where nobody says."""
    names = (f"{service} {key}", f"{service} {key} {option}")
    return next((why for pattern, why in unlisted() if any(fnmatchcase(name, pattern) for name in names)), "")


def test_each_key_that_recipes_ask_for_is_made_or_listed_with_a_reason() -> None:
    wrong = [one for one in wanted() if bool(made().get(one)) == bool(reason(*one))]
    assert not wrong, "\n".join(
        f"{' '.join(one)}: {'made and listed' if made().get(one) else 'neither'}" for one in wrong
    )


def test_each_selector_makes_something() -> None:
    makers = {price.sku: price for prices in made().values() for price in prices}
    units = {(service, found.unit) for (service, _, _), prices in made().items() for found in prices}
    for code, offer in offers("gcp").items():
        for selector in offer.every:
            assert (selector.service, selector.unit) in units, f"{code}: {selector.key} made nothing"
    assert len(makers) > len(list(offers("gcp")))


def test_what_is_listed_is_asked_for() -> None:
    idle = [
        pattern
        for pattern, _ in unlisted()
        if not any(fnmatchcase(" ".join(one[:2]), pattern) or fnmatchcase(" ".join(one), pattern) for one in wanted())
    ]
    assert not idle, f"in unlisted.toml, and no recipe asks for it: {idle}"


def test_shapes_reproduce_the_built_in_prices() -> None:
    """Two types of a series tell its cores and memory; these must tell all its other types, in every region."""
    shapes = {shape.type: shape for shape in machines.shapes()}
    compared = 0
    for region in BUILT_IN.regions("google", "compute"):
        rows = {
            key: price.amount
            for (key, option), price in BUILT_IN.rows("google", "compute", region).items()
            if option == ON_DEMAND
        }
        for series in sorted({shape.series for shape in shapes.values()} - {"m2"}):
            known = [shapes[key] for key in rows if key in shapes and shapes[key].series == series]
            pair = next(((a, b) for a in known for b in known if a.vcpu * b.gib != b.vcpu * a.gib), None)
            if pair is None:
                continue
            one, other = pair
            whole = one.vcpu * other.gib - other.vcpu * one.gib
            core = (rows[one.type] * other.gib - rows[other.type] * one.gib) / whole
            ram = (one.vcpu * rows[other.type] - other.vcpu * rows[one.type]) / whole
            for key, price in machines.composed({f"core/{series}": core, f"ram/{series}": ram}):
                if key in rows:
                    compared += 1
                    assert abs(price - rows[key]) <= rows[key] / 1000, (region, key)
    assert compared > 5000

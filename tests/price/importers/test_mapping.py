"""AWS's lists onto our keys: each key that a recipe asks for is made by one selector, or is listed with the reason."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.price.importers import samples
from tests.price.test_recipes import USAGE

from infragod.price import usage
from infragod.price.estimate import estimate
from infragod.price.importers import offer
from infragod.price.importers.found import List
from infragod.price.importers.selector import offers
from infragod.price.recipes.aws import aws_lambda_function, aws_sfn_state_machine
from infragod.price.recipes.used import Use
from infragod.price.sheet import BUILT_IN, ON_DEMAND, Price, Prices
from infragod.terraform.plan import read as read_plan

PLANS = Path(__file__).parents[1] / "plans"
TODAY = date(2026, 11, 22)
CODES = sorted(offers())
REGIONS = [("us-east-1", ""), ("eu-west-1", "EU-"), ("us-gov-west-1", "UGW1-"), ("eu-central-2", "EUC2-")]

Asked = tuple[str, str, str]  # service, key, purchase option


class Recording(Prices):
    """Prices that write down what they were asked for."""

    asked: set[Asked]

    def find(self, provider: str, service: str, region: str, key: str, option: str = ON_DEMAND) -> Price | None:
        """The price, and a note that it was asked for."""
        if provider == "aws":
            asked.add((service, key, option))
        return Prices.find(self, provider, service, region, key, option)


asked: set[Asked] = set()


@cache
def wanted() -> list[Asked]:
    """What the recipes ask for in the example plans, and what the built-in sheet has."""
    for path in sorted(PLANS.glob("aws_*.json")):
        for text in ("", USAGE):
            plan = read_plan(path, b"key")
            estimate(plan, Recording(), usage.parse(text, "usage.toml"), currency="USD", as_of=TODAY)
    for path in sorted((BUILT_IN.folder / "aws").glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            asked.update((path.parent.name, row["key"], row["option"]) for row in csv.DictReader(lines))
    return sorted(asked)


def unlisted() -> Iterator[tuple[str, str]]:
    document = tomllib.loads((samples.FOLDER / "unlisted.toml").read_text(encoding="utf-8"))
    return ((pattern, entry["reason"]) for entry in document["unlisted"] for pattern in entry["keys"])


def reason(service: str, key: str, option: str) -> str:
    """Why no list has it; empty where nobody says."""
    names = (f"{service} {key}", f"{service} {key} {option}")
    return next((why for pattern, why in unlisted() if any(fnmatchcase(name, pattern) for name in names)), "")


def test_each_key_that_recipes_ask_for_is_made_by_one_selector_or_listed_with_a_reason() -> None:
    patterns = [(str(entry), entry.text["service"], entry.pattern) for entry in samples.entries()]
    wrong = []
    for service, key, option in wanted():
        if option != ON_DEMAND and not option.startswith("reserved"):
            assert reason(service, key, option), (service, key, option)
            continue
        makers = {name for name, its, pattern in patterns if its == service and pattern.fullmatch(key)}
        listed = reason(service, key, option)
        if len(makers) != (0 if listed else 1):
            wrong.append(f"{service} {key}: made by {sorted(makers) or 'none'}, {listed or 'not in unlisted.toml'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("region", "prefix"), REGIONS, ids=[region for region, _ in REGIONS])
@pytest.mark.parametrize("code", CODES)
def test_each_selector_reads_its_product_and_no_other_takes_it(code: str, region: str, prefix: str) -> None:
    found = read(samples.document(code, region, prefix))
    assert not found.refused, found.refused
    made = {(service, key) for (service, _), rows in found.rows.items() for key, _ in rows}
    for entry in samples.entries():
        if entry.code == code:
            service, pattern = entry.text["service"], entry.pattern
            assert any(its == service and pattern.fullmatch(key) for its, key in made), f"{entry} made nothing"
    assert {where for _, where in found.rows} <= {region, "global"}


def read(document: dict[str, Any]) -> List:
    return offer.read(BytesIO(json.dumps(document).encode()), "list.json", TODAY)


def uses() -> Iterator[Use]:
    """Every line of a recipe for AWS that is declared with its tiers."""
    from importlib import import_module

    from infragod.price.recipes import RECIPES

    for target in sorted({target.partition(":")[0] for target in RECIPES.values() if ".aws." in target}):
        for value in vars(import_module(target)).values():
            yield from (one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Use))


TIERED = sorted({one.price: one for one in uses() if one.tiers}.items())


@pytest.mark.parametrize("line", [one for _, one in TIERED], ids=[name for name, _ in TIERED])
def test_tiers_begin_in_the_list_where_they_begin_in_the_recipe(line: Use) -> None:
    [entry] = [
        entry
        for entry in samples.entries()
        if entry.text["service"] == line.service and entry.pattern.fullmatch(f"{line.price}/1")
    ]
    ends = [upto for upto, _ in line.tiers[:-1] if upto is not None]
    assert entry.text["tiers"] == [0, *(upto * entry.text.get("times", 1) for upto in ends)]


@pytest.mark.parametrize(
    ("service", "key", "ends"),
    [
        ("lambda", "x86/1", [end for end, _ in aws_lambda_function.TIERS["x86"][:-1]]),
        ("lambda", "arm/1", [end for end, _ in aws_lambda_function.TIERS["arm"][:-1]]),
        ("sfn", "duration/1", [end for end, _ in aws_sfn_state_machine.TIERS[:-1]]),
    ],
    ids=["x86", "arm", "workflows"],
)
def test_tiers_of_recipes_that_count_for_themselves(service: str, key: str, ends: list[int]) -> None:
    [entry] = [e for e in samples.entries() if e.text["service"] == service and e.pattern.fullmatch(key)]
    assert entry.text["tiers"] == [0, *(end * entry.text.get("times", 1) for end in ends)]

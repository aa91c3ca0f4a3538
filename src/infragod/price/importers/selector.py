"""Which product of a price list is which row of our sheet: selectors, as `aws/<offer>.toml` has them.

    [[price]]
    service = "ec2"                       the sheet's service
    key = "{instanceType}/linux"          attributes in braces; `lower:` before one writes it small
    unit = "hours"                        the sheet's unit
    of = "Hrs"                            the list's unit; another one is refused
    times = 1                             sheet's price = list's price by this factor
    family = "Compute Instance"           productFamily
    where = { tenancy = "Shared" }        attributes: a text, a list of texts, "~pattern", or "" for absent
    usage = "LoadBalancerUsage"           usagetype without the region's prefix; "~pattern" likewise
    tiers = [0, 10240, 153600]            where the list's tiers begin, in its unit; the key names `{tier}` from 1
    rename = { Linux = "linux" }          what an attribute's value is called in the key
    global = true                         one price for all regions
    reserved = true                       terms of reservations as well
    bill = { meter = "BoxUsage:(?P<instanceType>.+)", description = "On Demand (?P<operatingSystem>Linux) .*" }
                                          how a bill's SkuMeter (without the region's prefix) and ChargeDescription
                                          read; left out: the meter is `usage`
    skip_zero = true                      a price of zero is an everyday thing here: no row, and nothing to report

Of tiers, a leading free one is dropped where `tiers` begins above 0.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from infragod.errors import SetupError

Attributes = Mapping[str, str]
Test = Callable[[str], bool]

PREFIX: Final = re.compile(
    r"^(?:[a-z]{2}(?:-[a-z]+)+-\d+-|(?:US[EW]|UG[EW]|CAN|EU[WCNS]?|AP[NSE]|SAE|ME[SC]|AFS|ILC|MXC)\d*-)"
)
"""What a usage type begins with outside us-east-1, and for some services there too."""
_PLACE: Final = re.compile(r"\{(lower:)?(\w+)\}")
_KEYS: Final = {
    "service", "key", "unit", "of", "times", "family", "where", "usage", "tiers", "global", "reserved", "rename",
    "skip_zero", "bill",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Selector:
    """One kind of row and how its product is known."""

    service: str
    key: str
    unit: str
    of: frozenset[str]
    times: Decimal
    family: str
    tests: tuple[tuple[str, Test], ...]
    tiers: tuple[Decimal, ...]
    is_global: bool
    is_reserved: bool
    skips_zero: bool
    meter: re.Pattern[str] | None
    description: re.Pattern[str] | None
    rename: Mapping[str, str]

    def takes(self, attributes: Attributes) -> bool:
        """Whether the product is one of these."""
        return all(test(attributes.get(name, "")) for name, test in self.tests)

    def billed(self, meter: str, description: str) -> str | None:
        """The key that a bill's row of that meter is of; None where it is of another, or of a tier."""
        found = self.meter.fullmatch(meter) if self.meter else None
        said = self.description.fullmatch(description) if self.description and found else found
        if found is None or said is None or "{tier}" in self.key:
            return None
        return self.name(found.groupdict() | said.groupdict())

    def name(self, attributes: Attributes) -> str:
        """The row's key; an attribute that is missing leaves nothing."""

        def filled(match: re.Match[str]) -> str:
            if match[2] == "tier":
                return match[0]
            text = attributes.get(match[2], "")
            return self.rename.get(text, text.lower() if match[1] else text)

        return _PLACE.sub(filled, self.key)


@dataclass(frozen=True, slots=True)
class Offer:
    """The selectors of one file of price lists."""

    code: str
    names: frozenset[str]
    selectors: Mapping[str, Sequence[Selector]]

    def billed(self, meter: str, description: str) -> list[tuple[Selector, str]]:
        """The selectors, with their keys, that a bill's row of this service is of."""
        plain = PREFIX.sub("", meter, count=1)
        every = (selector for selectors in self.selectors.values() for selector in selectors)
        found = ((selector, selector.billed(plain, description)) for selector in every)
        return [(selector, key) for selector, key in found if key is not None]

    def of(self, family: str, attributes: Attributes) -> list[Selector]:
        """The selectors that take a product."""
        return [selector for selector in self.selectors.get(family, ()) if selector.takes(attributes)]

    @property
    def families(self) -> frozenset[str]:
        """The product families that any selector looks at."""
        return frozenset(self.selectors)


@cache
def offers() -> Mapping[str, Offer]:
    """All offers by their code."""
    folder = files("infragod.price.importers").joinpath("aws")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {
        name.removesuffix(".toml"): parse(name.removesuffix(".toml"), (folder / name).read_text(encoding="utf-8"))
        for name in names
    }


def parse(code: str, text: str) -> Offer:
    """The offer in a file's text."""
    by_family: dict[str, list[Selector]] = {}
    document = tomllib.loads(text, parse_float=Decimal)
    for entry in document["price"]:
        selector = _selector(entry, code)
        by_family.setdefault(selector.family, []).append(selector)
    return Offer(code, frozenset(document.get("names", ())), by_family)


def _selector(entry: Mapping[str, Any], code: str) -> Selector:
    strange = entry.keys() - _KEYS
    if strange or not {"service", "key", "unit", "of"} <= entry.keys():
        raise SetupError(f"price/importers/aws/{code}.toml: {entry.get('key')!r} has a wrong or missing key: {strange}")
    tests = [(name, _test(value)) for name, value in entry.get("where", {}).items()]
    if "usage" in entry:
        tests.append(("usagetype", _usage_test(entry["usage"])))
    of = entry["of"]
    return Selector(
        service=entry["service"],
        key=entry["key"],
        unit=entry["unit"],
        of=frozenset([of] if isinstance(of, str) else of),
        times=Decimal(entry.get("times", 1)),
        family=entry.get("family", ""),
        tests=tuple(tests),
        tiers=tuple(Decimal(number) for number in entry.get("tiers", ())),
        is_global=entry.get("global", False),
        is_reserved=entry.get("reserved", False),
        skips_zero=entry.get("skip_zero", False),
        rename=entry.get("rename", {}),
        meter=_meter(entry),
        description=_pattern(entry.get("bill", {}).get("description")),
    )


def _meter(entry: Mapping[str, Any]) -> re.Pattern[str] | None:
    """How a bill calls the usage: as `bill` says, else as the list does where that is one plain name."""
    usage = entry.get("usage")
    plain = re.escape(usage) if isinstance(usage, str) and not usage.startswith("~") else None
    return _pattern(entry.get("bill", {}).get("meter", plain))


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None


def _test(value: str | list[str]) -> Test:
    if isinstance(value, list):
        return frozenset(value).__contains__
    if value.startswith("~"):
        pattern = re.compile(value[1:])
        return lambda text: pattern.fullmatch(text) is not None
    return value.__eq__


def _usage_test(value: str | list[str]) -> Test:
    test = _test(value)
    return lambda text: test(text) or test(PREFIX.sub("", text, count=1))

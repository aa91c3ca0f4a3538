"""Which product of a price list is which row of our sheet: selectors, as `aws/<offer>.toml` has them.

    [[price]]
    service = "ec2"                       the sheet's service
    key = "{instanceType}/linux"          attributes in braces; `lower:` before one writes it small
    unit = "hours"                        the sheet's unit
    of = "Hrs"                            the list's unit, or several; another one is refused. "each" is anything that
                                          is counted one by one, "hourly" and "monthly" anything by the hour or month
    times = 1                             sheet's price = list's price by this factor
    family = "Compute Instance"           productFamily, or several; "*" is any, left out: the product has none
    where = { tenancy = "Shared" }        attributes: a text, a list of texts, "~pattern", or "" for absent; the named
                                          groups of a pattern can stand in the key
    usage = "LoadBalancerUsage"           usagetype without the region's prefix; a list or "~pattern" likewise
    tiers = [0, 10240, 153600]            where the list's tiers begin, in its unit; the key names `{tier}` from 1
    first = true                          of tiers, the first that costs: the recipe has one price for all
    rename = { Linux = "linux" }          what an attribute's value is called in the key; "" is a missing one
    global = true                         one price for all regions
    reserved = true                       terms of reservations as well
    bill = { meter = "BoxUsage:(?P<instanceType>.+)", description = "On Demand (?P<operatingSystem>Linux) .*" }
                                          how a bill's SkuMeter (without the region's prefix) and ChargeDescription
                                          read; left out: the meter is `usage`. A bill without meters is read by
                                          `alone`, else the description, where that says all that the key needs.
                                          `meter = ""` is for what bills call as another row: none is read as this
    skip_zero = true                      a price of zero is an everyday thing here: no row, and nothing to report

Of tiers, a leading free one is dropped where `tiers` begins above 0. `unlisted.toml` lists what no selector can read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from infragod.errors import SetupError
from infragod.price.importers.found import UnclearError

Attributes = Mapping[str, str]
Test = Callable[[str], Mapping[str, str | None] | None]
"""The named groups of what was tested (mostly none), or None where it is another."""
Step = tuple[Decimal, Decimal]  # where a tier begins, in the list's unit, and its price

PREFIX: Final = re.compile(
    r"^(?:[a-z]{2}(?:-[a-z]+)+-\d+-|(?:US[EW]|UG[EW]|CAN|EU[WCNS]?|AP[NSE]|SAE|ME[SC]|AFS|ILC|MXC)\d*-)"
)
"""What a usage type begins with outside us-east-1, and for some services there too."""
_PLACE: Final = re.compile(r"\{(lower:)?(\w+)\}")
_KEYS: Final = {
    "service", "key", "unit", "of", "times", "family", "where", "usage", "tiers", "global", "reserved", "rename",
    "skip_zero", "bill", "first", "spot",
}  # fmt: skip
ANY: Final = "*"
UNLISTED: Final = "unlisted.toml"
_NOTHING: Final[Mapping[str, str | None]] = {}
_WORDS: Final = {
    "hrs": "hour", "hr": "hour", "hours": "hour", "h": "hour", "s": "second",
    "mo": "month", "mos": "month", "months": "month",
    "giby": "gib", "miby": "mib", "tiby": "tib",
    "giby.h": "gib-hour", "giby.s": "gib-second", "giby.mo": "gb-month", "ghz.s": "ghz-second",
}  # fmt: skip
_SPELT: Final = {
    "gib/second-month": "gibp-month",
    "lambda-gb-second": "gb-second",
    "terabyte": "tb",
    "gigabyte": "gb",
    "gib-month": "gb-month",
}
_SHORT: Final = re.compile(r"(?<=\.)(\d*)xl$")
"""How meters of RDS end: `db.r6g.2xl`."""
_SCALED: Final = re.compile(r"\d|(?:^|[ -])(?:hour|month|day|minute|second|[kmgt]i?b|quantity)(?:$|[ -])|hour$")


@dataclass(frozen=True, slots=True)
class Selector:
    """One kind of row and how its product is known."""

    service: str
    key: str
    unit: str
    of: frozenset[str]
    is_first_only: bool
    times: Decimal
    families: tuple[str, ...]
    tests: tuple[tuple[str, Test], ...]
    tiers: tuple[Decimal, ...]
    is_global: bool
    is_reserved: bool
    skips_zero: bool
    is_spot: bool
    meter: re.Pattern[str] | None
    description: re.Pattern[str] | None
    alone: re.Pattern[str] | None
    rename: Mapping[str, str]

    def read(self, attributes: Attributes) -> str | None:
        """The key of the row that a product is; None where it is another product."""
        groups: dict[str, str | None] = {}
        for name, test in self.tests:
            found = test(attributes.get(name, ""))
            if found is None:
                return None
            groups.update(found)
        return self.name({**attributes, **groups} if groups else attributes)

    def takes(self, attributes: Attributes) -> bool:
        """Whether the product is one of these."""
        return all(test(attributes.get(name, "")) is not None for name, test in self.tests)

    def billed(self, meter: str, description: str) -> str | None:
        """The key that a bill's row of that meter is of; None where it is of another, or of a tier."""
        return None if "{tier}" in self.key else self.metered(meter, description)

    def metered(self, meter: str, description: str) -> str | None:
        """The same of how much was used, whatever its tier: the key has `{tier}` then."""
        if not meter:
            return self._described(description)
        found = self.meter.fullmatch(meter) if self.meter else None
        said = self.description.fullmatch(description) if self.description and found else found
        if found is None or said is None:
            return None
        metered = {name: text for name, text in found.groupdict().items() if text is not None}
        return self.name({**said.groupdict(), **metered})

    def _described(self, description: str) -> str | None:
        alone = self.alone or self.description
        said = alone.fullmatch(description) if alone else None
        if said is None or any(not said.groupdict().get(name) for _, name in _PLACE.findall(self.key)):
            return None
        return self.name(said.groupdict())

    def fits(self, unit: str) -> bool:
        """Whether a price in that unit is one that we know to turn into ours."""
        spelt = plain(unit)
        if spelt in self.of:
            return True
        last = spelt.rpartition("-")[2].rpartition(" ")[2]
        return (
            ("hourly" in self.of and last.endswith("hour"))
            or ("monthly" in self.of and last == "month")
            or ("each" in self.of and bool(spelt) and _SCALED.search(spelt) is None)
        )

    def priced(self, key: str, steps: Sequence[Step]) -> Iterator[tuple[str, Decimal]]:
        """(key, our price) of each tier. ``UnclearError``: the tiers are others than ours, or a price is zero."""
        if self.is_first_only:
            steps = [(Decimal(0), price) for _, price in steps if price > 0][:1] or steps
        if self.tiers and self.tiers[0] > 0:
            steps = [step for step in steps if step[1] > 0 or step[0] >= self.tiers[0]]
        begins = tuple(begin for begin, _ in steps)
        if begins != (self.tiers or (Decimal(0),)):
            raise UnclearError(f"its tiers begin at {', '.join(map(str, begins))}")
        for number, (_, price) in enumerate(steps, start=1):
            if price > 0:
                yield key.replace("{tier}", str(number)), price * self.times
            elif not self.skips_zero:
                raise UnclearError("its price is zero")

    @property
    def units(self) -> list[str]:
        """The list's units as the selector names them."""
        return sorted(unit for unit in self.of if unit != plain(unit) or unit in ("each", "hourly", "monthly"))

    def name(self, attributes: Mapping[str, str | None]) -> str:
        """The row's key; an attribute that is missing leaves nothing."""

        def filled(match: re.Match[str]) -> str:
            if match[2] == "tier":
                return match[0]
            text = attributes.get(match[2]) or ""
            return self.rename.get(text, text.lower() if match[1] else text)

        return _PLACE.sub(filled, self.key)


def plain(unit: str) -> str:
    """A unit as one spelling: lists shorten it, bills write it out, in the singular or not."""
    words = re.split(r"([ -])", unit.strip().lower())
    spelt = "".join(_WORDS.get(word, word.removesuffix("s")) for word in words)
    return _SPELT.get(spelt, spelt)


@dataclass(frozen=True, slots=True)
class Offer:
    """The selectors of one file of price lists."""

    code: str
    names: frozenset[str]
    selectors: Mapping[str, Sequence[Selector]]

    def billed(self, meter: str, description: str) -> list[tuple[Selector, str]]:
        """The selectors, with their keys, that a bill's row of this service is of; tiers are none."""
        return [(selector, key) for selector, key in self.metered(meter, description) if "{tier}" not in key]

    def metered(self, meter: str, description: str) -> list[tuple[Selector, str]]:
        """The same of how much was used, whatever its tier."""
        short = _SHORT.sub(r"\1xlarge", PREFIX.sub("", meter, count=1))
        found = ((selector, selector.metered(short, description)) for selector in self.every)
        return [(selector, key) for selector, key in found if key is not None]

    def of(self, family: str, attributes: Attributes) -> list[tuple[Selector, str]]:
        """The selectors that take a product, with the key of its row."""
        asked = (*self.selectors.get(family, ()), *self.selectors.get(ANY, ()))
        found = [(selector, selector.read(attributes)) for selector in asked]
        return [(selector, key) for selector, key in found if key is not None]

    @property
    def every(self) -> Iterator[Selector]:
        """All of them, each once."""
        known = {id(selector): selector for selectors in self.selectors.values() for selector in selectors}
        return iter(known.values())

    @property
    def is_global(self) -> bool:
        """Whether any of its prices is the same for all regions."""
        return any(selector.is_global for selector in self.every)


@cache
def offers(provider: str = "aws") -> Mapping[str, Offer]:
    """All offers of a provider (aws, gcp) by their code."""
    folder = files("infragod.price.importers").joinpath(provider)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml") and entry.name != UNLISTED)
    return {
        name.removesuffix(".toml"): parse(
            name.removesuffix(".toml"), (folder / name).read_text(encoding="utf-8"), provider
        )
        for name in names
    }


def parse(code: str, text: str, provider: str = "aws") -> Offer:
    """The offer in a file's text."""
    by_family: dict[str, list[Selector]] = {}
    document = tomllib.loads(text, parse_float=Decimal)
    for entry in document["price"]:
        selector = _selector(entry, f"{provider}/{code}.toml", is_aws=provider == "aws")
        for family in selector.families:
            by_family.setdefault(family, []).append(selector)
    return Offer(code, frozenset(document.get("names", ())), by_family)


def _selector(entry: Mapping[str, Any], file: str, *, is_aws: bool) -> Selector:
    strange = entry.keys() - _KEYS
    if strange or not {"service", "key", "unit", "of"} <= entry.keys():
        raise SetupError(f"price/importers/{file}: {entry.get('key')!r} has a wrong or missing key: {strange}")
    where = entry.get("where", {})
    tests = [(name, _test(value)) for name, value in where.items()]
    if "usage" in entry:
        tests.append(("usagetype", _usage_test(entry["usage"])))
    return Selector(
        service=entry["service"],
        key=entry["key"],
        unit=entry["unit"],
        of=frozenset(spelt for unit in _texts(entry["of"]) for spelt in (unit, plain(unit))),
        is_first_only=entry.get("first", False),
        times=Decimal(entry.get("times", 1)),
        families=_texts(entry.get("family", "")),
        tests=tuple(tests),
        tiers=tuple(Decimal(number) for number in entry.get("tiers", ())),
        is_global=entry.get("global", False),
        is_reserved=entry.get("reserved", False),
        skips_zero=entry.get("skip_zero", False),
        is_spot=entry.get("spot", False),
        rename=entry.get("rename", {}),
        meter=_meter(entry) if is_aws else re.compile(".*"),
        description=_pattern(entry.get("bill", {}).get("description")) if is_aws else _described(where),
        alone=_pattern(entry.get("bill", {}).get("alone")),
    )


def _described(where: Mapping[str, str]) -> re.Pattern[str]:
    """How a bill's description reads where it is the list's."""
    text = where.get("description", "~")
    return re.compile(text[1:] if text.startswith("~") else re.escape(text))


def _meter(entry: Mapping[str, Any]) -> re.Pattern[str] | None:
    """How a bill calls the usage: as `bill` says, else as the list does."""
    usage = entry.get("usage")
    if isinstance(usage, list):
        usage = "~" + "|".join(map(re.escape, usage))
    known = usage and (usage[1:] if usage.startswith("~") else re.escape(usage))
    return _pattern(entry.get("bill", {}).get("meter", known))


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None


def _test(value: str | list[str]) -> Test:
    if isinstance(value, str) and value.startswith("~"):
        pattern = re.compile(value[1:])

        def matched(text: str) -> Mapping[str, str | None] | None:
            found = pattern.fullmatch(text)
            return None if found is None else found.groupdict()

        return matched
    texts = frozenset(_texts(value))
    return lambda text: _NOTHING if text in texts else None


def _usage_test(value: str | list[str]) -> Test:
    test = _test(value)

    def tested(text: str) -> Mapping[str, str | None] | None:
        found = test(text)
        return test(PREFIX.sub("", text, count=1)) if found is None else found

    return tested

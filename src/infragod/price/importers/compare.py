"""What a new list says otherwise than the prices in use: new, gone, changed and by how much."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from infragod.price.importers.publish import Head, Part
from infragod.price.sheet import BUILT_IN, ON_DEMAND, Price, Row, Sheet


@dataclass(frozen=True, slots=True)
class Changed:
    """The prices of one service in one region, against those in use before."""

    service: str
    region: str
    new: int
    same: int
    gone: int
    changes: tuple[tuple[Decimal, Row, Decimal, Decimal], ...]
    """(share, row, before, after) of each price that changed, from the largest fall to the largest rise."""

    @property
    def median(self) -> Decimal:
        """The change in the middle, as a share of the price before; 0 where none changed."""
        return self.changes[len(self.changes) // 2][0] if self.changes else Decimal(0)


def compare(part: Part, old: Sheet | None) -> Iterator[Changed]:
    """Each service and region of a list against what was imported before, else against the built-in sheet."""
    for (service, region), rows in sorted(part.rows.items()):
        before = _before(part, service, region, old and Sheet(old.folder, old.title))
        after = {row: cell.price for row, cell in rows.items()}
        yield _changed(service, region, before, after)


def _before(part: Part, service: str, region: str, old: Sheet | None) -> dict[Row, Decimal]:
    """On-demand prices alone of the built-in sheet, and all of what the same list said before."""
    found: dict[Row, Price] = {}
    if old is not None:
        rows = old.rows(part.provider, service, region).items()
        found = {row: price for row, price in rows if price.source.id == part.source.id}
    if not found:
        own = part.rows[service, region]
        rows = BUILT_IN.rows(part.provider, service, region).items()
        found = {row: price for row, price in rows if row in own and row[1] == ON_DEMAND}
    return {row: price.amount for row, price in found.items()}


def _changed(service: str, region: str, before: dict[Row, Decimal], after: dict[Row, Decimal]) -> Changed:
    both = before.keys() & after.keys()
    changes = sorted(
        ((after[row] - before[row]) / before[row], row, before[row], after[row])
        for row in both
        if before[row] != after[row]
    )
    return Changed(
        service,
        region,
        new=len(after.keys() - before.keys()),
        same=len(both) - len(changes),
        gone=len(before.keys() - after.keys()),
        changes=tuple(changes),
    )


def fallen(counts: Mapping[Head, int], old: Sheet | None) -> str:
    """The list whose prices fell by more than half in number, with both numbers; empty where none did."""
    if old is None:
        return ""
    before: Counter[Head] = Counter()
    for path in sorted(old.folder.glob("*/*/*.csv")):
        service, region = path.parent.name, path.stem
        with path.open(encoding="utf-8", newline="") as lines:
            sources = Counter(cells[-1] for cells in csv.reader(lines))
        for head in counts:
            before[head] += sources[head.source.id] if head.replaces(head.source.id, service, region) else 0
    for head, count in counts.items():
        if count * 2 < before[head]:
            return f"{head.source.title} has {count:,} prices after {before[head]:,}"
    return ""

"""What a price list holds for our sheet: exactly one price a row, or a reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Place = tuple[str, str]  # service, region
Row = tuple[str, str]  # key, option


@dataclass(frozen=True, slots=True)
class Found:
    """A price that was found, and the product it is of."""

    price: Decimal
    unit: str
    sku: str
    times: Decimal = Decimal(1)


@dataclass(slots=True)
class List:
    """What one file holds for our sheet."""

    code: str = ""
    region: str = ""
    version: str = ""
    published: date = date.min
    rows: dict[Place, dict[Row, Found]] = field(default_factory=dict)
    refused: dict[tuple[str, str, str], str] = field(default_factory=dict)
    products: int = 0

    def put(self, place: Place, row: Row, found: Found) -> None:
        """Keep a price; a second, different one makes the row ambiguous, and it is refused."""
        name = (*place, row[0])
        if name in self.refused:
            return
        rows = self.rows.setdefault(place, {})
        known = rows.get(row)
        if known is not None and known.price != found.price:
            self.refuse(place, row[0], f"two prices: {known.price} ({known.sku}) and {found.price} ({found.sku})")
            return
        rows[row] = found

    def refuse(self, place: Place, key: str, why: str) -> None:
        """No price for that key."""
        self.refused[(*place, key)] = why
        rows = self.rows.get(place, {})
        for row in [row for row in rows if row[0] == key]:
            del rows[row]


class UnclearError(Exception):
    """A product's price that a sheet cannot hold; says why."""

"""What unused commitments could cover of a plan, in few words: beside the money, never in it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from infragod.focus import Period, money
from infragod.policy.render.fold import Document

SHOWN: Final = 3


def commitment_lines(document: Document, shown: int = SHOWN) -> Iterator[str]:
    """`commitments left unused in October 2026 could cover up to $61.32 a month of this`, and which those are."""
    held: list[Any] = list(document.get("commitments") or ())
    if not held:
        return
    currency = document["currency"]
    total = sum((Decimal(one["could_cover"]) for one in held), Decimal(0))
    month = Period.parse(held[0]["month"]).title
    yield f"commitments left unused in {month} could cover up to {money(total, currency)} a month of this"
    for one in held[:shown]:
        most = money(Decimal(one["could_cover"]), currency)
        addresses = list(dict.fromkeys(component["address"] for component in one["components"]))
        more = f" and {len(addresses) - 1:,} more" if len(addresses) > 1 else ""
        yield f"{money(Decimal(0), currency)} to {most}: {one['title']}, {addresses[0]}{more}"
    if len(held) > shown:
        yield f"and {len(held) - shown:,} more; --format json lists them all"

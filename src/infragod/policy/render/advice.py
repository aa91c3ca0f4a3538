"""Advice in few words: the best alternative of each resource, folded by what it says."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from infragod.focus import money
from infragod.policy.render.fold import Document

SHOWN: Final = 3


def advice_lines(document: Document, shown: int = SHOWN) -> Iterator[str]:
    """`saves $61.32 a month each: m5.xlarge → m7i.xlarge, aws_instance.worker[0] and 7 more`; the dearest first."""
    groups = _folded(document)
    currency = document["currency"]
    for (what, saving, note), addresses in groups[:shown]:
        each = " each" if len(addresses) > 1 else ""
        more = f" and {len(addresses) - 1:,} more" if len(addresses) > 1 else ""
        mind = f" ({note})" if note else ""
        yield f"saves {money(Decimal(saving), currency)} a month{each}: {what}, {addresses[0]}{more}{mind}"
    if len(groups) > shown:
        yield f"and {len(groups) - shown:,} more; --format json lists them all"


def _folded(document: Document) -> list[tuple[tuple[str, str, str], list[str]]]:
    """One alternative a resource: they exclude one another, so their savings are not told side by side."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    told: set[str] = set()
    every: list[Any] = list(document.get("advice") or ())
    for one in every:
        if one["address"] not in told:
            told.add(one["address"])
            groups.setdefault((one["what"], one["monthly_saving"], one["note"] or ""), []).append(one["address"])
    return sorted(groups.items(), key=lambda group: -Decimal(group[0][1]) * len(group[1]))

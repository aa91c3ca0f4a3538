"""aws_eks_cluster: hours, dearer from the day on which the version's standard support ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

STANDARD_SUPPORT_ENDS: Final = {
    "1.21": date(2023, 2, 16),
    "1.22": date(2023, 6, 4),
    "1.23": date(2023, 10, 11),
    "1.24": date(2024, 1, 31),
    "1.25": date(2024, 5, 1),
    "1.26": date(2024, 6, 11),
    "1.27": date(2024, 7, 24),
    "1.28": date(2024, 11, 26),
    "1.29": date(2025, 3, 23),
    "1.30": date(2025, 7, 23),
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
DIMENSIONS: Final = (Dimension("EKS cluster", "hours"), Dimension("EKS cluster (extended support)", "hours"))


def price(item: Item) -> Iterator[Component]:
    """The hours of the control plane; nodes are other resources."""
    ends = STANDARD_SUPPORT_ENDS.get(item.word("version"))
    upgraded = item.block("upgrade_policy").word("support_type").upper() == "STANDARD"
    if ends is None or upgraded or item.as_of < ends:
        yield item.hours("EKS cluster", item.rate("eks", "cluster"))
        return
    note = f"standard support of {item.word('version')} ended on {ends.isoformat()}"
    yield item.hours("EKS cluster (extended support)", item.rate("eks", "cluster/extended"), note=note)

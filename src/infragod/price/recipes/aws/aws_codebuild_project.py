"""aws_codebuild_project: minutes of building by system and size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

MINUTES: Final = "monthly_build_mins"
SIZES: Final = {
    "BUILD_GENERAL1_SMALL": "general1.small",
    "BUILD_GENERAL1_MEDIUM": "general1.medium",
    "BUILD_GENERAL1_LARGE": "general1.large",
    "BUILD_GENERAL1_XLARGE": "general1.xlarge",
    "BUILD_GENERAL1_2XLARGE": "general1.2xlarge",
}
DIMENSIONS: Final = (Dimension("<System> (<size>)", "minutes", (MINUTES,)),)


def price(item: Item) -> Iterator[Component]:
    """The minutes of one project."""
    environment = item.block("environment")
    kind = environment.word("type", "LINUX_CONTAINER")
    system = "Windows" if kind.startswith("WINDOWS") else "ARM" if kind.startswith("ARM") else "Linux"
    size = SIZES.get(environment.word("compute_type"), environment.word("compute_type", "size known after apply"))
    key = f"{system.lower()}{'-gpu' if 'GPU' in kind else ''}/{size}"
    yield item.used(f"{system} ({size})", "minutes", MINUTES, item.rate("codebuild", key))

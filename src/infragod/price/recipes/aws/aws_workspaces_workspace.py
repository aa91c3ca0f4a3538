"""aws_workspaces_workspace: a desktop by bundle and volumes, by the month or by the hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

USED_HOURS: Final = "monthly_hours"
DIMENSIONS: Final = (
    Dimension("WorkSpace (<bundle>, always on)", "months"),
    Dimension("WorkSpace (<bundle>, auto stop)", "months"),
    Dimension("WorkSpace usage (<bundle>)", "hours", (USED_HOURS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one desktop; its root and user volumes set its price with the bundle."""
    settings = item.block("workspace_properties")
    bundle = settings.word("compute_type_name", "VALUE").lower()
    root, user = settings.number("root_volume_size_gib", 80), settings.number("user_volume_size_gib", 10)
    key = f"{bundle}/{root}-{user}"
    if settings.word("running_mode", "ALWAYS_ON") == "ALWAYS_ON":
        yield item.fixed(f"WorkSpace ({bundle}, always on)", "months", 1, item.rate("workspaces", f"{key}/always-on"))
        return
    yield item.fixed(f"WorkSpace ({bundle}, auto stop)", "months", 1, item.rate("workspaces", f"{key}/auto-stop"))
    yield item.used(f"WorkSpace usage ({bundle})", "hours", USED_HOURS, item.rate("workspaces", f"{key}/hour"))

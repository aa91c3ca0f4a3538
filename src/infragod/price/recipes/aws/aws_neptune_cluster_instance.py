"""aws_neptune_cluster_instance: hours by class, or serverless by capacity used; CPU credits where usage tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, NOTHING, Item
from infragod.price.recipes.aws.compute import CREDIT_HOURS
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

SERVERLESS: Final = "db.serverless"
CAPACITY: Final = "monthly_ncu_hours"
DIMENSIONS: Final = (
    Dimension("Database instance (on-demand, <class>)", "hours"),
    Dimension("Neptune serverless", "NCU-hours", (CAPACITY,)),
    Dimension("CPU credits", "vCPU-hours", (CREDIT_HOURS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one instance; storage and I/O are its cluster's."""
    cluster = next(iter(item.joined("cluster_identifier", "aws_neptune_cluster")), NOTHING)
    optimised = "/io-optimized" if cluster.word("storage_type") == "iopt1" else ""
    kind = item.text("instance_class")
    if kind == SERVERLESS:
        yield item.used("Neptune serverless", "NCU-hours", CAPACITY, item.rate("neptune", f"ncu{optimised}"))
        return
    known = isinstance(kind, str)
    rate = item.rate("neptune", f"{kind}{optimised}" if known else UNKNOWN)
    yield item.hours(f"Database instance (on-demand, {kind if known else AFTER_APPLY})", rate)
    if item.word("instance_class").startswith(("db.t3", "db.t4g")) and item.usage(CREDIT_HOURS) is not None:
        yield item.used("CPU credits", "vCPU-hours", CREDIT_HOURS, item.rate("neptune", "cpu-credits"))

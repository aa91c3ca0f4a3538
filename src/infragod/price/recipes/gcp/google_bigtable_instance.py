"""google_bigtable_instance: hours of the nodes of each cluster, and GB by kind of storage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Attributes, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import region_in
from infragod.resource import Component

STORAGE: Final = "storage_gb"
DIMENSIONS: Final = (
    Dimension("<Cluster>/Nodes", "hours"),
    Dimension("<Cluster>/Storage (<kind>)", "GB", (STORAGE,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one instance; a cluster of it is where its own zone is."""
    home, clusters = item.region, item.blocks("cluster")
    if not clusters:
        yield item.hours("Nodes", item.rate("bigtable", "node"), None, "the plan names no clusters")
    for number, cluster in enumerate(clusters, start=1):
        name = cluster.word("cluster_id", f"cluster {number}")
        item.region = region_in(cluster.word("zone")) or home
        yield item.hours(f"{name}/Nodes", item.rate("bigtable", "node"), _nodes(cluster))
        kind = cluster.word("storage_type", "SSD")
        rate = item.rate("bigtable", f"storage/{kind.lower()}")
        yield item.used(f"{name}/Storage ({kind})", "GB", STORAGE, rate)


def _nodes(cluster: Attributes) -> Decimal | None:
    """As many as are set, or the least that scaling keeps."""
    scaling = cluster.block("autoscaling_config")
    return scaling.number("min_nodes") if scaling else cluster.number("num_nodes", 1)

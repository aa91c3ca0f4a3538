"""google_container_node_pool: nodes by zone, with disks, local SSDs and accelerators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import NOTHING, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.gcp import nodes as gke
from infragod.price.recipes.gcp.place import locate, names, place_of, zones
from infragod.resource import Component

DIMENSIONS: Final = gke.DIMENSIONS


def price(item: Item) -> Iterator[Component]:
    """The components of one pool; where it says no zones they are its cluster's."""
    cluster = next(iter(item.joined("cluster", "google_container_cluster")), NOTHING)
    locate(item, cluster)
    location = place_of(item) or place_of(cluster)
    places = zones(location, names(item, "node_locations") or names(cluster, "node_locations"))
    count = gke.nodes_in_all(item) or times(gke.nodes_in_a_zone(item), places)
    yield from gke.nodes(item, item.block("node_config"), count)

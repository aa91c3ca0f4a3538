"""google_container_cluster: the management fee; the nodes of its default pool and of pools in it; Autopilot's use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import NOTHING, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp import nodes as gke
from infragod.price.recipes.gcp.place import locate, names, place_of, zones
from infragod.resource import Component

AUTOPILOT: Final = (
    ("Autopilot vCPU", "vCPU", "autopilot_vcpu_count", "autopilot/vcpu"),
    ("Autopilot memory", "GB", "autopilot_memory_gb", "autopilot/memory"),
    ("Autopilot ephemeral storage", "GB", "autopilot_ephemeral_storage_gb", "autopilot/storage"),
)
DIMENSIONS: Final = (
    Dimension("Cluster management fee", "hours"),
    Dimension("Autopilot", "hours"),
    *(Dimension(name, unit, (key,)) for name, unit, key, _ in AUTOPILOT),
    *gke.DIMENSIONS,
)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster; node pools that are resources of their own are priced there."""
    locate(item)
    if item.flag("enable_autopilot"):
        yield item.hours("Autopilot", item.rate("gke", "cluster"))
        for name, unit, key, rate in AUTOPILOT:
            yield item.used(name, unit, key, item.rate("gke", rate))
        return
    yield item.hours("Cluster management fee", item.rate("gke", "cluster"))
    yield from _pools(item)


def _pools(item: Item) -> Iterator[Component]:
    location, named = place_of(item), names(item, "node_locations")
    pools = item.blocks("node_pool")
    for pool in pools:
        places = zones(location, names(pool, "node_locations") or named)
        count = gke.nodes_in_all(pool) or times(gke.nodes_in_a_zone(pool), places)
        yield from gke.nodes(item, pool.block("node_config"), count, "node_pool/")
    if not pools and not item.flag("remove_default_node_pool"):
        config = item.block("node_config") or NOTHING
        count = times(item.number("initial_node_count", gke.DEFAULT_NODES), zones(location, named))
        yield from gke.nodes(item, config, count, "default_pool/")

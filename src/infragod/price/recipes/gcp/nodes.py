"""GKE nodes: what clusters and node pools share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Attributes, Item
from infragod.price.recipes.gcp import disks, machines
from infragod.price.recipes.gcp.machines import Purchase, accelerators, local_ssds, machine
from infragod.resource import Component

DEFAULT_TYPE: Final = "e2-medium"
DEFAULT_DISK: Final = 100
DEFAULT_NODES: Final = 3
DIMENSIONS: Final = (*machines.DIMENSIONS, disks.DIMENSIONS[0])


def nodes(item: Item, config: Attributes, count: Decimal | int | None, prefix: str = "") -> Iterator[Component]:
    """The components of `count` nodes as a `node_config` block describes them."""
    purchase = Purchase(config.flag("preemptible") or config.flag("spot"))
    kind = config.text("machine_type", DEFAULT_TYPE)
    yield from machine(item, kind, purchase, count, prefix)
    disk_type = config.text("disk_type", "pd-standard")
    yield disks.disk(item, disk_type, config.number("disk_size_gb", DEFAULT_DISK), count, prefix)
    yield from local_ssds(item, _local_ssds(config), purchase, count, prefix)
    yield from accelerators(item, config, kind, purchase, count, prefix)


def _local_ssds(config: Attributes) -> Decimal | None:
    blocks = ("local_nvme_ssd_block_config", "ephemeral_storage_local_ssd_config", "ephemeral_storage_config")
    further = [config.block(name).number("local_ssd_count", 0) for name in blocks]
    counts = [config.number("local_ssd_count", 0), *further]
    return None if None in counts else sum((n for n in counts if n is not None), Decimal(0))


def nodes_in_a_zone(pool: Attributes) -> Decimal | None:
    """How many nodes a pool has in each of its zones: as set, the least that scaling keeps, or three."""
    if _given(pool, "node_count"):
        return pool.number("node_count", 1)
    scaling = pool.block("autoscaling")
    if _given(scaling, "min_node_count"):
        return scaling.number("min_node_count", 0)
    return pool.number("initial_node_count", DEFAULT_NODES)


def nodes_in_all(pool: Attributes) -> Decimal | None:
    """The least number of nodes that scaling keeps over all zones, where the pool is bounded so."""
    scaling = pool.block("autoscaling")
    if _given(pool, "node_count") or not _given(scaling, "total_min_node_count"):
        return None
    return scaling.number("total_min_node_count", 0)


def _given(attributes: Attributes, name: str) -> bool:
    return attributes.value(name) is not None and not attributes.is_open(name)

"""aws_msk_cluster: brokers by the hour, and the storage of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

DIMENSIONS: Final = (
    Dimension("Instance (<broker type>)", "hours"),
    Dimension("Storage", "GB"),
    Dimension("Provisioned throughput", "MBps"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one cluster; storage is billed as provisioned, scaling only adds to it."""
    brokers = item.block("broker_node_group_info")
    count = item.number("number_of_broker_nodes")
    kind = brokers.text("instance_type")
    shown = kind if isinstance(kind, str) else AFTER_APPLY
    yield item.hours(f"Instance ({shown})", item.rate("msk", UNKNOWN if kind is None else kind), count)
    volume = brokers.block("storage_info").block("ebs_storage_info")
    size = volume.number("volume_size") or brokers.number("ebs_volume_size")
    yield item.fixed("Storage", "GB", times(size, count), item.rate("msk", "storage"))
    throughput = volume.block("provisioned_throughput")
    if throughput.flag("enabled"):
        speed = times(throughput.number("volume_throughput"), count)
        yield item.fixed("Provisioned throughput", "MBps", speed, item.rate("msk", "throughput"))

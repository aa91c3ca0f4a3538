"""aws_elastic_beanstalk_environment: the instances, volumes and load balancer that its settings ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from infragod.price.item import Attributes, Item, Rate
from infragod.price.recipes.aws import compute, volumes
from infragod.price.recipes.aws.aws_lb import NAMES
from infragod.price.recipes.aws.volumes import volume
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

PROCESSED: Final = "monthly_data_processed_gb"
DEFAULT_TYPE: Final = "t3.micro"
DEFAULT_NUMBER: Final = "1"
LOAD_BALANCED: Final = "LoadBalanced"
DIMENSIONS: Final = (
    *compute.DIMENSIONS,
    *volumes.DIMENSIONS,
    Dimension("<Type> load balancer", "hours"),
    Dimension("Data processed", "GB", (PROCESSED,)),
    Dimension("Database", "hours"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one environment: the least number of instances of its first type."""
    options = {option.word("name"): option.word("value") for option in item.blocks("setting")}
    kind = options.get("InstanceTypes", "").partition(",")[0] or options.get("InstanceType") or DEFAULT_TYPE
    settings = Attributes(_renamed(options), item)
    balanced = options.get("EnvironmentType", LOAD_BALANCED) == LOAD_BALANCED
    count = settings.number("least", DEFAULT_NUMBER) if balanced else 1
    yield from compute.instance(item, settings, kind, count=count)
    yield from volume(item, settings, prefix="root_block_device/", count=count)
    if balanced:
        yield from _balancer(item, options.get("LoadBalancerType", "classic"))
    if "DBInstanceClass" in options:
        yield item.hours("Database", Rate(None, note="price the database as a resource of its own"))


def _renamed(options: Mapping[str, str]) -> dict[str, str]:
    """The settings by the names that instances and volumes have."""
    names = {
        "MinSize": "least",
        "RootVolumeType": "volume_type",
        "RootVolumeSize": "volume_size",
        "RootVolumeIOPS": "iops",
        "RootVolumeThroughput": "throughput",
    }
    return {names[name]: value for name, value in options.items() if name in names and value}


def _balancer(item: Item, kind: str) -> Iterator[Component]:
    if kind == "classic":
        yield item.hours("Classic load balancer", item.rate("elb", "classic/hours"))
        yield item.used("Data processed", "GB", PROCESSED, item.rate("elb", "classic/gb"))
        return
    yield item.hours(f"{NAMES.get(kind, kind)} load balancer", item.rate("elb", f"{kind}/hours"))

"""aws_batch_compute_environment: the instances that it keeps for its least vCPUs; what jobs add, as used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Attributes, Item, Rate
from infragod.price.recipes.aws import compute
from infragod.price.recipes.aws.compute import vcpus
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

ADDED: Final = "monthly_instance_hours"
VCPUS: Final = "monthly_vcpu_hours"
MEMORY: Final = "monthly_gb_hours"
GROUPS: Final = ("optimal", "default_x86_64", "default_arm64")
DIMENSIONS: Final = (
    *compute.DIMENSIONS,
    Dimension("Further instances (<type>)", "hours", (ADDED,)),
    Dimension("Per vCPU per hour", "vCPU-hours", (VCPUS,)),
    Dimension("Per GB per hour", "GB-hours", (MEMORY,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one environment; one that Batch does not manage costs what its owner runs."""
    resources = item.block("compute_resources")
    if item.word("type", "MANAGED").upper() == "UNMANAGED":
        return
    kind = resources.word("type", "EC2")
    if kind.startswith("FARGATE"):
        spot = "/spot" if kind.endswith("SPOT") else ""
        yield item.used("Per vCPU per hour", "vCPU-hours", VCPUS, item.rate("fargate", f"vcpu{spot}"))
        yield item.used("Per GB per hour", "GB-hours", MEMORY, item.rate("fargate", f"gb{spot}"))
    else:
        yield from _instances(item, resources, spot=kind == "SPOT")


def _instances(item: Item, resources: Attributes, *, spot: bool) -> Iterator[Component]:
    """Instances of the first type that is named; a family leaves the choice to Batch."""
    kind = _type(resources)
    least = resources.number("min_vcpus", 0)
    option = "spot" if spot else "on-demand"
    if kind is None:
        rate = Rate(None, note="Batch chooses the instance type")
        yield item.used("Further instances (chosen by Batch)", "hours", ADDED, rate)
        return
    if least is None:
        yield item.hours(f"Instance usage ({AFTER_APPLY})", Rate(None, note=AFTER_APPLY), None)
    elif least > 0:
        count = (least / vcpus(kind)).to_integral_value(ROUND_CEILING)
        yield from compute.instance(item, resources, kind, count=Decimal(count), spot=spot)
    yield item.used(f"Further instances ({kind})", "hours", ADDED, item.rate("ec2", f"{kind}/linux", option))


def _type(resources: Attributes) -> str | None:
    types = resources.value("instance_type")
    names = [name for name in types if isinstance(name, str)] if isinstance(types, list | tuple | set) else []
    first = next(iter(names), "")
    return first if "." in first and first not in GROUPS else None

"""aws_eks_fargate_profile: vCPUs and memory of the pods that run by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

VCPUS: Final = "monthly_vcpu_hours"
MEMORY: Final = "monthly_gb_hours"
DIMENSIONS: Final = (
    Dimension("Per vCPU per hour", "vCPU-hours", (VCPUS,)),
    Dimension("Per GB per hour", "GB-hours", (MEMORY,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one profile: what its pods ask for stands in Kubernetes, not in the plan."""
    vcpu, memory = item.rate("fargate", "vcpu"), item.rate("fargate", "gb")
    yield item.assumed("Per vCPU per hour", "vCPU-hours", VCPUS, HOURS, vcpu, "one pod of 1 vCPU all month")
    yield item.assumed("Per GB per hour", "GB-hours", MEMORY, HOURS, memory, "one pod of 1 GB all month")

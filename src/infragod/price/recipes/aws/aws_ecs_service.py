"""aws_ecs_service: vCPUs and memory of its tasks on Fargate; on EC2 the instances are billed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, NOTHING, Attributes, Item, Linked, Rate, to_number
from infragod.price.recipes.aws.volumes import above, times
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

FREE_STORAGE: Final = Decimal(20)  # GiB of ephemeral storage in the price of a task
UNITS_IN_A_VCPU: Final = 1024
SIZE: Final = re.compile(r"([\d.]+)\s*(vcpu|gb)?", re.IGNORECASE)
DIMENSIONS: Final = (
    Dimension("Per vCPU per hour (<launch type>)", "vCPU-hours"),
    Dimension("Per GB per hour (<launch type>)", "GB-hours"),
    Dimension("Ephemeral storage", "GB-hours"),
    Dimension("Inference accelerator (<type>)", "hours"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of the desired number of tasks."""
    task, sets = _task(item)
    launch = launch_type(item, task) or sets.word("launch_type") or None
    if launch in ("EC2", "EXTERNAL"):
        return
    if task is None or launch is None:
        why = "the plan does not tell the launch type" if task else "the task definition is not in this plan"
        yield item.fixed(f"Per vCPU per hour ({launch or 'launch type'})", "vCPU-hours", None, Rate(None, note=why))
        return
    yield from _tasks(item, task, launch)


def _task(item: Item) -> tuple[Linked | None, Attributes]:
    """The task definition, of the service itself or of a task set of it; and that set."""
    for task in item.joined("task_definition", "aws_ecs_task_definition"):
        return task, NOTHING
    for tasks in item.users("aws_ecs_task_set"):
        for task in tasks.joined("task_definition", "aws_ecs_task_definition"):
            return task, tasks
    return None, NOTHING


def _tasks(item: Item, task: Attributes, launch: str) -> Iterator[Component]:
    count = item.number("desired_count", 0)
    vcpus, memory = (times(size(task, name), count) for name in ("cpu", "memory"))
    rates = [item.rate("fargate", f"{part}{_variant(task, launch)}") for part in ("vcpu", "gb")]
    yield item.fixed(f"Per vCPU per hour ({launch})", "vCPU-hours", times(vcpus, HOURS), rates[0])
    yield item.fixed(f"Per GB per hour ({launch})", "GB-hours", times(memory, HOURS), rates[1])
    more = above(task.block("ephemeral_storage").number("size_in_gib", int(FREE_STORAGE)), FREE_STORAGE)
    if more != 0:
        hours = times(times(more, count), HOURS)
        yield item.fixed("Ephemeral storage", "GB-hours", hours, item.rate("fargate", "ephemeral"))
    for accelerator in task.blocks("inference_accelerator"):
        kind = accelerator.word("device_type")
        yield item.hours(f"Inference accelerator ({kind})", item.rate("elastic-inference", kind or UNKNOWN), count)


def _variant(task: Attributes, launch: str) -> str:
    """What sets the price apart from that of Linux on x86."""
    platform = task.block("runtime_platform")
    spot = "/spot" if launch == "FARGATE_SPOT" else ""
    arm = "/arm" if platform.word("cpu_architecture") == "ARM64" else ""
    windows = "/windows" if platform.word("operating_system_family").startswith("WINDOWS") else ""
    return f"{spot}{arm}{windows}"


def launch_type(item: Item, task: Attributes | None) -> str | None:
    """Where the tasks run: as the service says, by its first provider of capacity, or as the tasks require."""
    provider = item.block("capacity_provider_strategy").word("capacity_provider")
    if provider:
        return provider if provider.startswith("FARGATE") else "EC2"
    named = item.word("launch_type")
    if named or task is None:
        return named or None
    required = task.value("requires_compatibilities") or ["EC2"]
    return str(required[0]) if isinstance(required, list) and len(required) == 1 else None


def size(task: Attributes, name: str) -> Decimal | None:
    """VCPUs or GB of a task: `1024`, `1 vCPU` and `1 GB` are one each."""
    text = task.text(name)
    match = SIZE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        return None
    number = to_number(match[1], name)
    return number if match[2] else number / UNITS_IN_A_VCPU

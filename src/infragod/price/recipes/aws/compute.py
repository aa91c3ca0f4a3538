"""EC2 instances by the hour: what instances, node groups and scaling groups share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Attributes, Item, Rate
from infragod.price.recipes.aws.volumes import times, volume
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component, Unknown

SYSTEMS: Final = {"linux": "Linux/UNIX", "windows": "Windows", "rhel": "RHEL", "suse": "SUSE"}
BURSTABLE: Final = ("t2", "t3", "t3a", "t4g")
UNLIMITED_BY_DEFAULT: Final = ("t3", "t3a", "t4g")
CREDIT_HOURS: Final = "monthly_cpu_credit_hrs"
METRICS: Final = 7
RESERVED: Final = ("reserved_instance_type", "reserved_instance_term", "reserved_instance_payment_option")

DIMENSIONS: Final = (
    Dimension("Instance usage (<system>, <purchase option>, <type>)", "hours", ("operating_system", *RESERVED)),
    Dimension("EBS-optimized usage", "hours"),
    Dimension("EC2 detailed monitoring", "metrics"),
    Dimension("CPU credits", "vCPU-hours", (CREDIT_HOURS,)),
)


def instance(
    item: Item,
    settings: Attributes,
    kind: str | Unknown | None,
    *,
    count: Decimal | int | None = 1,
    spot: bool = False,
    system: str = "",
) -> Iterator[Component]:
    """The components of `count` instances of a type: hours, surcharge, monitoring, credits; volumes are apart."""
    system = item.choice("operating_system") or system or "linux"
    tenancy = settings.block("placement").word("tenancy") or settings.word("tenancy", "default")
    if tenancy != "host":
        yield _hours(item, kind, tenancy, count, spot=spot, system=system)
    if isinstance(kind, str):
        yield from _surcharge(item, settings, kind, count)
    monitored = settings.flag("monitoring") or settings.block("monitoring").flag("enabled")
    if monitored:
        rate = item.rate("cloudwatch", "metric")
        yield item.fixed("EC2 detailed monitoring", "metrics", times(Decimal(METRICS), count), rate)
    if isinstance(kind, str):
        yield from _credits(item, settings, kind, count, system)


def _hours(
    item: Item, kind: str | Unknown | None, tenancy: str, count: Decimal | int | None, *, spot: bool, system: str
) -> Component:
    option = "spot" if spot else reservation(item)
    shown = kind if isinstance(kind, str) else AFTER_APPLY if kind is UNKNOWN else "no type"
    name = f"Instance usage ({SYSTEMS[system]}, {option.partition('/')[0]}, {shown})"
    return item.hours(name, _rate(item, kind, system, tenancy, option), count)


def _rate(item: Item, kind: str | Unknown | None, system: str, tenancy: str, option: str) -> Rate:
    if kind is None:
        return Rate(None, note="the plan names no instance type")
    suffix = "/dedicated" if tenancy == "dedicated" else ""
    return item.rate("ec2", f"{kind}/{system}{suffix}" if isinstance(kind, str) else kind, option)


def reservation(item: Item) -> str:
    """The purchase option: on demand, or the reservation that the usage file names."""
    chosen = [item.choice(key) for key in RESERVED]
    if not any(chosen):
        return "on-demand"
    kind, term, payment = chosen
    return f"reserved/{kind or 'standard'}/{term or '1_year'}/{payment or 'no_upfront'}"


def _surcharge(item: Item, settings: Attributes, kind: str, count: Decimal | int | None) -> Iterator[Component]:
    """Old generations pay for EBS optimisation; with the others it is included."""
    if settings.flag("ebs_optimized"):
        rate = item.rate("ec2", f"{kind}/ebs-optimized")
        if rate.price is not None:
            yield item.hours("EBS-optimized usage", rate, count)


def _credits(
    item: Item, settings: Attributes, kind: str, count: Decimal | int | None, system: str
) -> Iterator[Component]:
    """Surplus CPU credits: listed where usage is known, or the plan asks for `unlimited` where it isn't the default."""
    family = kind.partition(".")[0]
    if family not in BURSTABLE:
        return
    default = "unlimited" if family in UNLIMITED_BY_DEFAULT else "standard"
    chosen = settings.block("credit_specification").word("cpu_credits", "")
    hours = item.usage(CREDIT_HOURS)
    if (chosen or default) != "unlimited" or (default == "unlimited" and hours is None):
        return
    rate = item.rate("ec2", f"cpu-credits/{family}/{'windows' if system == 'windows' else 'linux'}")
    per_vcpu = (count if count is None else count * vcpus(kind)) or 1
    used = item.used("CPU credits", "vCPU-hours", CREDIT_HOURS, rate)
    yield used if hours is None else _multiplied(used, Decimal(per_vcpu))


def _multiplied(component: Component, factor: Decimal) -> Component:
    from dataclasses import replace

    quantity, cost = times(component.monthly_quantity, factor), times(component.monthly_cost, factor)
    return replace(component, monthly_quantity=quantity, monthly_cost=cost)


def disks(item: Item, settings: Attributes, count: Decimal | int | None = 1) -> Iterator[Component]:
    """The root volume (8 GB of gp2, where the plan says nothing) and the further ones of an instance."""
    yield from volume(item, settings.block("root_block_device"), prefix="root_block_device/", count=count)
    for block in settings.blocks("ebs_block_device"):
        yield from volume(item, block, prefix="ebs_block_device/", count=count)


def template_disks(item: Item, template: Attributes, count: Decimal | int | None) -> Iterator[Component]:
    """The volumes that a launch template names; instance stores and suppressed devices are none."""
    for mapping in template.blocks("block_device_mappings"):
        for block in mapping.blocks("ebs"):
            yield from volume(item, block, prefix="block_device_mapping/", count=count)


SIZES: Final = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}
ONE_VCPU: Final = re.compile(r"(t2|t1|m1)\.(nano|micro|small|medium)|.*\.medium")


def vcpus(kind: str) -> int:
    """The vCPUs of a type such as `m5.2xlarge` or `db.t3.large`, by its size; of the sizes that follow the rule."""
    family, _, size = kind.removeprefix("db.").removeprefix("cache.").partition(".")
    if f"{family}.{size}" == "t2.medium":
        return 2
    if family not in UNLIMITED_BY_DEFAULT and ONE_VCPU.fullmatch(f"{family}.{size}"):
        return 1
    many = re.fullmatch(r"(\d+)xlarge", size)
    return 4 * int(many[1]) if many else SIZES.get(size, 2)

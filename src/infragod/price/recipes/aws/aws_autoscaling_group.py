"""aws_autoscaling_group: the desired number of instances of a launch template or configuration, and their disks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Final

from infragod.price.item import NOTHING, Attributes, Item, Linked, Rate, Unpriceable
from infragod.price.recipes.aws import compute, volumes
from infragod.price.recipes.aws.aws_instance import has_root
from infragod.price.recipes.aws.volumes import times
from infragod.resource import UNKNOWN, Component, Unknown

SPECIFICATION: Final = "mixed_instances_policy.launch_template.launch_template_specification"
DIMENSIONS: Final = (*compute.DIMENSIONS, *volumes.DIMENSIONS)


def price(item: Item) -> Iterator[Component]:
    """The components of the instances that the group keeps."""
    count = capacity(item)
    configuration = next(iter(item.joined("launch_configuration", "aws_launch_configuration")), None)
    if configuration is not None:
        yield from _configured(item, configuration, count)
        return
    templates = item.joined("launch_template", "aws_launch_template")
    template = next(iter(templates or item.joined(SPECIFICATION, "aws_launch_template")), None)
    if template is None:
        yield item.hours("Instance usage", Rate(None, note="the launch template is not in this plan"), count)
        return
    policy = item.block("mixed_instances_policy")
    yield from _mixed(item, template, policy, count) if policy else _instances(item, template, count)


def capacity(item: Item) -> Decimal | None:
    """The instances that the group keeps: as desired, or its least number where it doesn't say."""
    unit = item.word("desired_capacity_type", "units")
    if unit != "units":
        raise Unpriceable(f"the group's capacity is counted in {unit}, not in instances")
    given = item.value("desired_capacity") is not None and not item.is_open("desired_capacity")
    return item.number("desired_capacity" if given else "min_size")


def _configured(item: Item, configuration: Linked, count: Decimal | None) -> Iterator[Component]:
    """Instances of a launch configuration, whose detailed monitoring is on unless it says otherwise."""
    own = configuration.resource.values
    monitoring = True if own.get("enable_monitoring") is None else own["enable_monitoring"]
    renamed = {**own, "monitoring": monitoring, "tenancy": own.get("placement_tenancy")}
    settings = Attributes(renamed, configuration)
    spot = configuration.text("spot_price") is not None
    yield from compute.instance(item, settings, configuration.text("instance_type"), count=count, spot=spot)
    yield from compute.disks(item, settings, count)


def _instances(item: Item, template: Attributes, count: Decimal | None) -> Iterator[Component]:
    spot = template.block("instance_market_options").word("market_type") == "spot"
    yield from compute.instance(item, template, template.text("instance_type"), count=count, spot=spot)
    yield from _disks(item, template, count)


def _mixed(item: Item, template: Attributes, policy: Attributes, count: Decimal | None) -> Iterator[Component]:
    """On-demand and spot instances of the first type that the policy names: it comes first by default."""
    distribution = policy.block("instances_distribution")
    override = policy.block("launch_template").block("override")
    instances = _weighted(count, override)
    kind = _type(template, override)
    base = distribution.number("on_demand_base_capacity", 0)
    share = distribution.number("on_demand_percentage_above_base_capacity", 100)
    steady = on_demand(instances, base, share)
    if steady != 0:
        yield from compute.instance(item, template, kind, count=steady)
    rest = None if instances is None or steady is None else instances - steady
    if rest != 0:
        yield from compute.instance(item, template, kind, count=rest, spot=True)
    yield from _disks(item, template, instances)


def on_demand(count: Decimal | None, base: Decimal | None, share: Decimal | None) -> Decimal | None:
    """How many of the instances are on demand: the base, and a share in per cent of the rest, rounded up."""
    if count is None or base is None or share is None:
        return None
    first = min(base, count)
    return first + ((count - first) * share / 100).to_integral_value(ROUND_CEILING)


def _weighted(count: Decimal | None, override: Attributes) -> Decimal | None:
    """The instances that give the capacity, where a type counts for more than one unit."""
    weight = override.number("weighted_capacity", 1)
    return None if count is None or not weight else (count / weight).to_integral_value(ROUND_CEILING)


def _type(template: Attributes, override: Attributes) -> str | Unknown | None:
    if override.block("instance_requirements"):
        return UNKNOWN
    return override.text("instance_type") or template.text("instance_type")


def _disks(item: Item, template: Attributes, count: Decimal | None) -> Iterator[Component]:
    if not has_root(template):
        yield from compute.disks(item, NOTHING, count)
    yield from compute.template_disks(item, template, times(count, 1))

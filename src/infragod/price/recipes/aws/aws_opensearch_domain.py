"""aws_opensearch_domain, aws_elasticsearch_domain: nodes by the hour and role; the storage of data nodes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Attributes, Item, Rate
from infragod.price.recipes.aws.compute import RESERVED, reservation
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

DEFAULT_MASTERS: Final = 3
GP3_IOPS: Final = Decimal(3000)
GP3_THROUGHPUT: Final = Decimal(125)
STEP_THROUGHPUT: Final = Decimal(250)
IOPS_A_GIB: Final = 3
SMALL: Final = 170  # GiB
TIB: Final = 1024  # GiB
COLD: Final = "cold_storage_gb"
DIMENSIONS: Final = (
    Dimension("Instance (<purchase option>, <type>)", "hours", RESERVED),
    Dimension("Dedicated master (<purchase option>, <type>)", "hours", RESERVED),
    Dimension("UltraWarm instance (on-demand, <type>)", "hours"),
    Dimension("Storage (<volume type>)", "GB"),
    Dimension("Storage IOPS (<volume type>)", "IOPS"),
    Dimension("Throughput (gp3)", "MBps"),
    Dimension("Cold storage", "GB", (COLD,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one domain."""
    cluster = item.block("cluster_config")
    count = cluster.number("instance_count", 1)
    option = reservation(item)
    yield _nodes(item, cluster, ("Instance", "instance_type", option), count)
    if cluster.flag("dedicated_master_enabled"):
        masters = cluster.number("dedicated_master_count", DEFAULT_MASTERS)
        yield _nodes(item, cluster, ("Dedicated master", "dedicated_master_type", option), masters)
    if cluster.flag("warm_enabled"):
        warm = cluster.number("warm_count")
        yield _nodes(item, cluster, ("UltraWarm instance", "warm_type", "on-demand"), warm)
    yield from _storage(item, count)
    if cluster.block("cold_storage_options").flag("enabled"):
        yield item.used("Cold storage", "GB", COLD, item.rate("opensearch", "storage/cold"))


def _nodes(item: Item, cluster: Attributes, role: tuple[str, str, str], count: Decimal | None) -> Component:
    name, attribute, option = role
    kind = cluster.text(attribute)
    shown = kind if isinstance(kind, str) else AFTER_APPLY if kind is UNKNOWN else "no type"
    rate = Rate(None, note="the plan names no instance type")
    if kind is not None:
        family = kind.rpartition(".")[0] if isinstance(kind, str) else kind  # without .search or .elasticsearch
        rate = item.rate("opensearch", family, option)
    return item.hours(f"{name} ({option.partition('/')[0]}, {shown})", rate, count)


def _storage(item: Item, count: Decimal | None) -> Iterator[Component]:
    """The volumes of the data nodes; IOPS and throughput over what gp3 includes."""
    options = item.block("ebs_options")
    if not options.flag("ebs_enabled"):
        return
    kind = options.text("volume_type", "gp2")
    text = kind if isinstance(kind, str) else "type known after apply"
    rate = item.rate("opensearch", f"storage/{text}" if isinstance(kind, str) else UNKNOWN)
    yield item.fixed(f"Storage ({text})", "GB", times(options.number("volume_size"), count), rate)
    if text == "io1":
        iops = times(options.number("iops"), count)
        yield item.fixed("Storage IOPS (io1)", "IOPS", iops, item.rate("opensearch", "storage/io1/iops"))
    elif text == "gp3":
        yield from _above(item, options, count)


def _above(item: Item, options: Attributes, count: Decimal | None) -> Iterator[Component]:
    """IOPS and throughput over the baseline, which grows with the volume; where the plan names none, it is that."""
    size = options.number("volume_size")
    for name, unit, attribute, baseline in (
        ("Storage IOPS (gp3)", "IOPS", "iops", _iops(size)),
        ("Throughput (gp3)", "MBps", "throughput", _throughput(size)),
    ):
        given = options.number(attribute)
        more = None if given is None or baseline is None else max(given - baseline, Decimal(0))
        if options.value(attribute) is not None and not options.is_open(attribute) and more != 0:
            yield item.fixed(name, unit, times(more, count), item.rate("opensearch", f"storage/gp3/{attribute}"))


def _iops(size: Decimal | None) -> Decimal | None:
    """3,000 up to 1 TiB, and three a GiB above."""
    return None if size is None else GP3_IOPS if size <= TIB else IOPS_A_GIB * size


def _throughput(size: Decimal | None) -> Decimal | None:
    """125 MiB/s for small volumes, and 250 for each started 3 TiB of the others."""
    if size is None or size < SMALL:
        return None if size is None else GP3_THROUGHPUT
    return STEP_THROUGHPUT * (size / (3 * TIB)).to_integral_value(ROUND_CEILING)

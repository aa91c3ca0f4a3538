"""aws_db_instance: hours by class, engine, licence and deployment; storage, IOPS and throughput; support; insights."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, NOTHING, Attributes, Item, Rate
from infragod.price.recipes.aws.aws_instance import Layered
from infragod.price.recipes.aws.compute import CREDIT_HOURS, RESERVED, reservation, vcpus
from infragod.price.recipes.aws.rds import INSIGHTS, credits_used, extended_support, insights
from infragod.price.recipes.aws.volumes import above
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component, Unknown

STORAGE: Final = {
    "gp2": "general purpose SSD, gp2",
    "gp3": "general purpose SSD, gp3",
    "io1": "provisioned IOPS SSD, io1",
    "io2": "provisioned IOPS SSD, io2",
    "standard": "magnetic",
}
DEFAULT_STORAGE: Final = 20
DEFAULT_IOPS: Final = 1000
BACKUP: Final = "additional_backup_storage_gb"
REQUESTS: Final = "monthly_standard_io_requests"
LICENCE_INCLUDED: Final = ("oracle-se1", "oracle-se2")

DIMENSIONS: Final = (
    Dimension("Database instance (<purchase option>, <deployment>, <class>)", "hours", RESERVED),
    Dimension("Storage", "GB"),
    Dimension("Provisioned IOPS", "IOPS"),
    Dimension("Provisioned throughput", "MBps"),
    Dimension("I/O requests", "1M requests", (REQUESTS,)),
    Dimension("Extended support (year <n>)", "vCPU-hours"),
    Dimension("CPU credits", "vCPU-hours", (CREDIT_HOURS,)),
    Dimension("Performance Insights Long Term Retention (<class>)", "vCPU-month"),
    Dimension("Performance Insights API", "1000 requests", (INSIGHTS,)),
    Dimension("Additional backup storage", "GB", (BACKUP,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one instance; a replica is like its source where it says nothing itself."""
    source = next(iter(item.joined("replicate_source_db", "aws_db_instance")), NOTHING)
    settings = Layered(item, source)
    engine = settings.text("engine", "mysql" if source or item.value("replicate_source_db") is not None else None)
    kind = item.text("instance_class")
    standby = item.flag("multi_az")
    yield _hours(item, engine, kind, settings.word("license_model"), standby=standby)
    yield from _storage(item, settings, str(engine), standby=standby)
    if isinstance(kind, str) and isinstance(engine, str):
        yield from extended_support(item, engine, settings.word("engine_version"), vcpus(kind) * (2 if standby else 1))
        yield from credits_used(item, engine, kind)
        yield from insights(item, kind)
    yield from _backups(item, engine)


def _hours(
    item: Item, engine: str | Unknown | None, kind: str | Unknown | None, licence: str, *, standby: bool
) -> Component:
    option = reservation(item)
    deployment = "Multi-AZ" if standby else "Single-AZ"
    shown = kind if isinstance(kind, str) else AFTER_APPLY if kind is UNKNOWN else "no class"
    rate = Rate(None, note="the plan names no engine or class" if None in (engine, kind) else AFTER_APPLY)
    if isinstance(engine, str) and isinstance(kind, str):
        rate = _rate(item, f"{kind}/{edition(engine, licence)}", option, standby=standby)
    return item.hours(f"Database instance ({option.partition('/')[0]}, {deployment}, {shown})", rate)


def _rate(item: Item, key: str, option: str, *, standby: bool) -> Rate:
    """The price by the hour; with a standby its own price, or that of two: the list differs in the third decimal."""
    if standby:
        both = item.rate("rds", f"{key}/multi-az", option)
        if both.price is not None:
            return both
        return item.rate("rds", f"{key}/single-az", option).times(Decimal(2))
    return item.rate("rds", f"{key}/single-az", option)


def edition(engine: str, licence: str) -> str:
    """The engine as it is priced: Oracle by edition where the licence is included, alike where you bring your own."""
    name = engine.removeprefix("custom-").removesuffix("-cdb")
    if name.startswith("oracle"):
        own = licence == "bring-your-own-license" or name not in LICENCE_INCLUDED
        return "oracle-byol" if own else name
    return "aurora-mysql" if name == "aurora" else name


def _storage(item: Item, settings: Attributes, engine: str, *, standby: bool) -> Iterator[Component]:
    iops = item.number("iops", 0)
    kind = settings.word("storage_type", "io1" if iops else "gp2")
    size = settings.number("allocated_storage", DEFAULT_STORAGE)
    rate = item.rate("rds", f"storage/{kind}")
    zones = Decimal(2 if standby else 1)
    yield item.fixed(f"Storage ({STORAGE.get(kind, kind)})", "GB", size, rate.times(zones))
    if kind in ("io1", "io2"):
        provisioned = item.number("iops", DEFAULT_IOPS)
        yield item.fixed("Provisioned IOPS", "IOPS", provisioned, item.rate("rds", f"storage/{kind}/iops").times(zones))
    elif kind == "gp3":
        yield from _gp3(item, engine, size, zones)
    elif kind == "standard":
        yield item.used(
            "I/O requests", "1M requests", REQUESTS, item.rate("rds", "storage/standard/requests"), per=10**6
        )


def gp3_baseline(engine: str, size: Decimal | None) -> tuple[Decimal, Decimal]:
    """IOPS and MB/s that gp3 storage includes: more from 400 GB on (Oracle: 200 GB), never for SQL Server."""
    threshold = 200 if engine.startswith("oracle") else 400
    if size is not None and size >= threshold and not engine.startswith("sqlserver"):
        return Decimal(12_000), Decimal(500)
    return Decimal(3000), Decimal(125)


def _gp3(item: Item, engine: str, size: Decimal | None, zones: Decimal) -> Iterator[Component]:
    iops, throughput = gp3_baseline(engine, size)
    extra = above(item.number("iops", int(iops)), iops)
    if extra != 0:
        rate = item.rate("rds", "storage/gp3/iops").times(zones)
        yield item.fixed(f"Provisioned GP3 IOPS (above {iops:,})", "IOPS", extra, rate)
    more = above(item.number("storage_throughput", int(throughput)), throughput)
    if more != 0:
        rate = item.rate("rds", "storage/gp3/throughput").times(zones)
        yield item.fixed(f"Provisioned GP3 throughput (above {throughput:,})", "MBps", more, rate)


def _backups(item: Item, engine: object) -> Iterator[Component]:
    """Backup storage over the size of the database, where backups are kept."""
    days = item.number("backup_retention_period", 0)
    if days is None or days > 0:
        family = "aurora" if str(engine).startswith("aurora") else "rds"
        yield item.used("Additional backup storage", "GB", BACKUP, item.rate("rds", f"backup/{family}"))

"""google_sql_database_instance: cores and memory by tier and availability, storage, licence, address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, HOURS, Attributes, Item, Rate
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import UNKNOWN, Component

CUSTOM: Final = re.compile(r"db-custom-(\d+)-(\d+)")
ROW: Final = re.compile(r"db-(standard|highmem)-(\d+)")
GB_A_VCPU: Final = {"standard": Decimal("3.75"), "highmem": Decimal("6.5")}
DEFAULT_DISK: Final = 10
BACKUPS: Final = "backup_storage_gb"
IDLE: Final = "monthly_idle_ip_hours"
DIMENSIONS: Final = (
    Dimension("SQL instance (<tier>, <availability>)", "hours"),
    Dimension("vCPUs (<number>, <availability>)", "hours"),
    Dimension("Memory (<GB>, <availability>)", "GB"),
    Dimension("SQL Server licence", "hours"),
    Dimension("Storage (<type>, <availability>)", "GB"),
    Dimension("IP address (if unused)", "hours", (IDLE,)),
    Dimension("Backups", "GB", (BACKUPS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one instance; a stopped one (activation policy NEVER) pays for its storage alone."""
    locate(item)
    settings = item.block("settings")
    availability = settings.word("availability_type", "ZONAL").lower()
    if settings.word("activation_policy", "ALWAYS") != "NEVER":
        yield from _machine(item, settings, availability)
    kind = settings.word("disk_type", "PD_SSD").removeprefix("PD_")
    size = settings.number("disk_size", DEFAULT_DISK)
    rate = item.rate("sql", f"storage/{kind.lower()}/{availability}")
    yield item.fixed(f"Storage ({kind}, {availability})", "GB", size, rate)
    if settings.block("ip_configuration").flag("ipv4_enabled", default=True):
        rate = item.rate("sql", "address/unused")
        yield item.assumed("IP address (if unused)", "hours", IDLE, HOURS, rate, "unused all month")
    if settings.block("backup_configuration").flag("enabled"):
        yield item.used("Backups", "GB", BACKUPS, item.rate("sql", "backups"))


def _machine(item: Item, settings: Attributes, availability: str) -> Iterator[Component]:
    tier = settings.text("tier")
    shape = shape_of(tier) if isinstance(tier, str) else None
    if settings.word("edition", "ENTERPRISE") != "ENTERPRISE":
        rate = Rate(None, note=f"the edition {settings.word('edition')} is not in the built-in sheet")
        yield item.hours(f"SQL instance ({tier}, {availability})", rate)
    elif shape is None:
        shown = tier if isinstance(tier, str) else AFTER_APPLY
        rate = item.rate("sql", f"{tier}/{availability}" if isinstance(tier, str) else UNKNOWN)
        yield item.hours(f"SQL instance ({shown}, {availability})", rate)
    else:
        cores, memory = shape
        rate = item.rate("sql", f"vcpu/{availability}")
        yield item.hours(f"vCPUs ({cores:f}, {availability})", rate, cores)
        rate = item.rate("sql", f"memory/{availability}")
        yield item.fixed(f"Memory ({memory.normalize():f} GB, {availability})", "GB", memory, rate)
    yield from _licence(item)


def _licence(item: Item) -> Iterator[Component]:
    """SQL Server's licence by its edition; Express has none."""
    version = item.word("database_version")
    if version.startswith("SQLSERVER") and not version.endswith("EXPRESS"):
        edition = version.rpartition("_")[2].lower()
        yield item.hours("SQL Server licence", item.rate("sql", f"sqlserver-licence/{edition}"))


def shape_of(tier: str) -> tuple[Decimal, Decimal] | None:
    """Cores and GB of memory that a tier's name tells; None for those with a price of their own."""
    custom, row = CUSTOM.fullmatch(tier), ROW.fullmatch(tier)
    if custom:
        return Decimal(custom[1]), Decimal(custom[2]) / 1024
    return (Decimal(row[2]), Decimal(row[2]) * GB_A_VCPU[row[1]]) if row else None

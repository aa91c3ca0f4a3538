"""google_sql_database_instance: cores and memory by tier, licence, extended support, storage, address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, HOURS, Attributes, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.resource import UNKNOWN, Component

CUSTOM: Final = re.compile(r"db-custom-(\d+)-(\d+)")
ROW: Final = re.compile(r"db-(standard|highmem)-(\d+)")
PLUS: Final = re.compile(r"db-(?:perf-optimized-N|c4a-highmem)-(\d+)")
WHOLE: Final = re.compile(r"db-n1-(?:standard|highmem)-(\d+)")
GB_A_PLUS_VCPU: Final = 8
GB_A_VCPU: Final = {"standard": Decimal("3.75"), "highmem": Decimal("6.5")}
DEFAULT_DISK: Final = 10
# When each version begins to be billed for extended support (the page of database versions, read on 22 November 2026).
EXTENDED: Final = {
    "MYSQL_5_6": date(2025, 5, 1),
    "MYSQL_5_7": date(2025, 5, 1),
    "MYSQL_8_0": date(2026, 7, 1),
    "POSTGRES_9_6": date(2025, 5, 1),
    "POSTGRES_10": date(2025, 5, 1),
    "POSTGRES_11": date(2025, 5, 1),
    "POSTGRES_12": date(2025, 5, 1),
    "POSTGRES_13": date(2026, 2, 1),
    "POSTGRES_14": date(2027, 2, 1),
    "POSTGRES_15": date(2028, 2, 1),
}
BACKUPS: Final = "backup_storage_gb"
IDLE: Final = "monthly_idle_ip_hours"
DIMENSIONS: Final = (
    Dimension("SQL instance (<tier>, <availability>)", "hours"),
    Dimension("vCPUs (<number>, <availability>)", "hours"),
    Dimension("Memory (<GB>, <availability>)", "GB"),
    Dimension("SQL Server licence", "hours"),
    Dimension("Extended support", "vCPU-hours"),
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
    edition = "plus/" if settings.word("edition") == "ENTERPRISE_PLUS" else ""
    shape = shape_of(tier) if isinstance(tier, str) else None
    if shape is None:
        shown = tier if isinstance(tier, str) else AFTER_APPLY
        rate = item.rate("sql", f"{tier}/{availability}" if isinstance(tier, str) else UNKNOWN)
        yield item.hours(f"SQL instance ({shown}, {availability})", rate)
    else:
        cores, memory = shape
        rate = item.rate("sql", f"{edition}vcpu/{availability}")
        yield item.hours(f"vCPUs ({cores:f}, {availability})", rate, cores)
        rate = item.rate("sql", f"{edition}memory/{availability}")
        yield item.fixed(f"Memory ({memory.normalize():f} GB, {availability})", "GB", memory, rate)
    yield from _licence(item)
    yield from _support(item, tier, shape)


def _support(item: Item, tier: object, shape: tuple[Decimal, Decimal] | None) -> Iterator[Component]:
    """What each vCPU of a version that its makers no longer keep costs more."""
    version = item.word("database_version")
    begins = next((day for name, day in EXTENDED.items() if version == name or version.startswith(f"{name}_")), None)
    if begins is None or item.as_of < begins:
        return
    whole = WHOLE.fullmatch(tier) if isinstance(tier, str) else None
    cores = shape[0] if shape else Decimal(whole[1]) if whole else None
    yield item.hours("Extended support", item.rate("sql", "extended/vcpu"), cores)


def _licence(item: Item) -> Iterator[Component]:
    """SQL Server's licence by its edition; Express has none."""
    version = item.word("database_version")
    if version.startswith("SQLSERVER") and not version.endswith("EXPRESS"):
        edition = version.rpartition("_")[2].lower()
        yield item.hours("SQL Server licence", item.rate("sql", f"sqlserver-licence/{edition}"))


def shape_of(tier: str) -> tuple[Decimal, Decimal] | None:
    """Cores and GB of memory that a tier's name tells; None for those with a price of their own."""
    custom, row, plus = CUSTOM.fullmatch(tier), ROW.fullmatch(tier), PLUS.fullmatch(tier)
    if custom:
        return Decimal(custom[1]), Decimal(custom[2]) / 1024
    if plus:
        return Decimal(plus[1]), Decimal(plus[1]) * GB_A_PLUS_VCPU
    return (Decimal(row[2]), Decimal(row[2]) * GB_A_VCPU[row[1]]) if row else None

"""aws_rds_cluster: Aurora storage, I/O and backups as used; serverless v1 by capacity; instances are resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.aws.aws_rds_cluster_instance import CAPACITY
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use, dimensions
from infragod.resource import Component

STORAGE: Final = "storage_gb"
REQUESTS: Final = "monthly_io_requests"
BACKUP: Final = "backup_storage_gb"
BACKTRACK: Final = Use(
    "Backtrack", "1M change-records", "monthly_backtrack_change_records", "rds", "backtrack", per=10**6
)
EXPORT: Final = Use("Snapshot export", "GB", "monthly_snapshot_export_gb", "rds", "snapshot-export", extra=True)
DIMENSIONS: Final = (
    Dimension("Storage", "GB", (STORAGE,)),
    Dimension("I/O requests", "1M requests", (REQUESTS,)),
    Dimension("Backup storage", "GB", (BACKUP,)),
    Dimension("Aurora serverless", "ACU-hours", (CAPACITY,)),
    *dimensions(BACKTRACK, EXPORT),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one Aurora cluster; Multi-AZ clusters of other engines have no prices here."""
    engine = item.word("engine", "aurora-mysql")
    if not engine.startswith("aurora"):
        rate = item.rate("rds", f"cluster/{engine}")
        yield item.hours(f"Multi-AZ cluster ({engine})", rate)
        return
    if item.word("engine_mode", "provisioned") == "serverless":
        yield item.used("Aurora serverless", "ACU-hours", CAPACITY, item.rate("rds", "acu/serverless-v1"))
    optimised = item.word("storage_type") == "aurora-iopt1"
    rate = item.rate("rds", f"storage/aurora{'/io-optimized' if optimised else ''}")
    yield item.used(f"Storage{' (I/O-optimized)' if optimised else ''}", "GB", STORAGE, rate)
    if not optimised:
        yield item.used("I/O requests", "1M requests", REQUESTS, item.rate("rds", "storage/aurora/io"), per=10**6)
    if item.usage(BACKUP) is not None:
        yield item.used("Backup storage", "GB", BACKUP, item.rate("rds", "backup/aurora"))
    window = item.number("backtrack_window", 0)
    if window is None or window > 0:
        yield from BACKTRACK.components(item)
    yield from EXPORT.components(item)

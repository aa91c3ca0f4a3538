"""google_filestore_instance: GB by tier, as provisioned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import locate
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import UNKNOWN, Component

OLD_NAMES: Final = {"STANDARD": "BASIC_HDD", "PREMIUM": "BASIC_SSD"}
BACKUPS: Final = (Use("Backup storage", "GB", "backup_storage_gb", "filestore", "backup", extra=True),)
DIMENSIONS: Final = (Dimension("Storage (<tier>)", "GB"), *dimensions(*BACKUPS))


def price(item: Item) -> Iterator[Component]:
    """The capacity of one instance's share."""
    locate(item)
    tier = item.text("tier")
    name = OLD_NAMES.get(tier, tier) if isinstance(tier, str) else None
    rate = item.rate("filestore", UNKNOWN if name is None else name.lower())
    shown = AFTER_APPLY if name is None else name
    yield item.fixed(f"Storage ({shown})", "GB", item.block("file_shares").number("capacity_gb"), rate)
    yield from components(item, BACKUPS)

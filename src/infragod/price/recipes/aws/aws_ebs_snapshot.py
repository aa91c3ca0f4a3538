"""aws_ebs_snapshot and its copy: GB, at most those of the volume; fast restore and direct access where used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item, Linked
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

STORAGE: Final = "storage_gb"
THOUSAND: Final = 1000
RARE: Final = (
    Use(
        "Fast snapshot restore", "DSU-hours", "fast_snapshot_restore_hours", "ebs", "snapshot/fast-restore", extra=True
    ),
    Use(
        "ListChangedBlocks & ListSnapshotBlocks API requests",
        "1k requests",
        "monthly_list_block_requests",
        "ebs",
        "snapshot/list-blocks",
        per=THOUSAND,
        extra=True,
    ),
    Use(
        "GetSnapshotBlock API requests",
        "1k SnapshotAPIUnits",
        "monthly_get_block_requests",
        "ebs",
        "snapshot/get-blocks",
        per=THOUSAND,
        extra=True,
    ),
    Use(
        "PutSnapshotBlock API requests",
        "1k SnapshotAPIUnits",
        "monthly_put_block_requests",
        "ebs",
        "snapshot/put-blocks",
        per=THOUSAND,
        extra=True,
    ),
)
DIMENSIONS: Final = (Dimension("EBS snapshot storage", "GB", (STORAGE,)), *dimensions(*RARE))


def price(item: Item) -> Iterator[Component]:
    """The components of one snapshot; archived ones have a price of their own."""
    archived = "/archive" if item.word("storage_tier") == "archive" else ""
    rate = item.rate("ebs", f"snapshot{archived}")
    size = volume_size(item)
    if size is None or item.usage(STORAGE) is not None:
        yield item.used("EBS snapshot storage", "GB", STORAGE, rate)
    else:
        yield item.fixed("EBS snapshot storage", "GB", size, rate, "at most: the size of the volume")
    yield from components(item, RARE)


def volume_size(item: Linked) -> Decimal | None:
    """The size of the volume that was copied, by way of the snapshot that a copy names."""
    for snapshot in item.joined("source_snapshot_id", "aws_ebs_snapshot"):
        return volume_size(snapshot)
    for volume in item.joined("volume_id", "aws_ebs_volume"):
        return volume.number("size")
    return None

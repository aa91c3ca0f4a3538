"""aws_s3_bucket: GB, requests, retrievals and early deletes by storage class; monitoring, tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

THOUSAND: Final = 1000
PUT: Final = ("PUT, COPY, POST, LIST requests", "1k requests", "monthly_tier_1_requests", "tier-1", THOUSAND)
GET: Final = ("GET, SELECT, and all other requests", "1k requests", "monthly_tier_2_requests", "tier-2", THOUSAND)
MOVED: Final = ("Lifecycle transition", "1k requests", "monthly_lifecycle_transition_requests", "transition", THOUSAND)
STORED: Final = ("Storage", "GB", "storage_gb", "gb", 1)
RETRIEVED: Final = ("Retrievals", "GB", "monthly_data_retrieval_gb", "retrieval", 1)
SCANNED: Final = ("Select data scanned", "GB", "monthly_select_data_scanned_gb", "select-scanned", 1)
RETURNED: Final = ("Select data returned", "GB", "monthly_select_data_returned_gb", "select-returned", 1)
DELETED: Final = ("GB", "early_delete_gb", "early-delete", 1)


def _glacier(*speeds: str, select: bool) -> Iterator[tuple[str, str, str, str, int]]:
    """What comes back from an archive: by request, and by GB, at each speed."""
    for speed in speeds:
        key = f"monthly_{speed}"
        yield f"Retrieval requests ({speed})", "1k requests", f"{key}_requests", f"retrieval-requests/{speed}", THOUSAND
        yield f"Retrievals ({speed})", "GB", f"{key}_retrieval_gb", f"retrieval/{speed}", 1
        if select:
            yield f"Select data scanned ({speed})", "GB", f"{key}_select_scanned_gb", f"select-scanned/{speed}", 1
            yield f"Select data returned ({speed})", "GB", f"{key}_select_returned_gb", f"select-returned/{speed}", 1


CLASSES: Final = (
    (
        ("Intelligent tiering", "intelligent_tiering", "intelligent-tiering"),
        (
            *(
                (f"Storage ({name} access)", "GB", f"{name.replace(' ', '_')}_storage_gb", name.replace(" ", "-"), 1)
                for name in ("frequent", "infrequent", "archive", "deep archive")
            ),
            ("Monitoring and automation", "1k objects", "monitored_objects", "monitoring", THOUSAND),
            *(PUT, GET, MOVED, SCANNED, RETURNED, ("Early delete (within 30 days)", *DELETED)),
        ),
    ),
    (
        ("Standard - infrequent access", "standard_infrequent_access", "standard-ia"),
        (STORED, PUT, GET, MOVED, RETRIEVED, SCANNED, RETURNED),
    ),
    (
        ("One zone - infrequent access", "one_zone_infrequent_access", "one-zone-ia"),
        (STORED, PUT, GET, MOVED, RETRIEVED, SCANNED, RETURNED),
    ),
    (
        ("Glacier flexible retrieval", "glacier_flexible_retrieval", "glacier"),
        (
            *(STORED, PUT, GET, MOVED, ("Early delete (within 90 days)", *DELETED)),
            *_glacier("expedited", "standard", "bulk", select=True),
        ),
    ),
    (
        ("Glacier deep archive", "glacier_deep_archive", "deep-archive"),
        (
            *(STORED, PUT, GET, MOVED, ("Early delete (within 180 days)", *DELETED)),
            *_glacier("standard", "bulk", select=False),
        ),
    ),
)
STANDARD: Final = (
    Use("Standard/Storage", "GB", "standard_storage_gb", "s3", "standard/gb"),
    Use(f"Standard/{PUT[0]}", PUT[1], PUT[2], "s3", "standard/tier-1", per=THOUSAND),
    Use(f"Standard/{GET[0]}", GET[1], GET[2], "s3", "standard/tier-2", per=THOUSAND),
    Use(f"Standard/{SCANNED[0]}", "GB", SCANNED[2], "s3", "standard/select-scanned", extra=True),
    Use(f"Standard/{RETURNED[0]}", "GB", RETURNED[2], "s3", "standard/select-returned", extra=True),
    Use("Object tagging", "10k tags", "object_tags", "s3", "tags", per=10**4, extra=True),
)
OTHERS: Final = tuple(
    Use(f"{title}/{name}", unit, f"{prefix}_{usage}", "s3", f"{key}/{price}", per=per, extra=True)
    for (title, prefix, key), parts in CLASSES
    for name, unit, usage, price, per in parts
)
DIMENSIONS: Final = dimensions(*STANDARD, *OTHERS)


def price(item: Item) -> Iterator[Component]:
    """The components of one bucket; classes that usage doesn't name are left out."""
    yield from components(item, (*STANDARD, *OTHERS))

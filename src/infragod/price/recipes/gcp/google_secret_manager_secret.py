"""google_secret_manager_secret: rotations, and versions and accesses that are not resources of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

ACCESS: Final = Use(
    "Access operations", "10K requests", "monthly_access_operations", "secretmanager", "access", 10**4, everywhere=True
)
LINES: Final = (
    Use("Active secret versions", "versions", "active_secret_versions", "secretmanager", "version", everywhere=True),
    ACCESS,
    Use(
        "Rotation notifications",
        "rotations",
        "monthly_rotation_notifications",
        "secretmanager",
        "rotation",
        extra=True,
        everywhere=True,
    ),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one secret; versions that are in the plan are billed as themselves."""
    own = bool(item.users("google_secret_manager_secret_version"))
    yield from components(item, LINES[1:] if own else LINES)

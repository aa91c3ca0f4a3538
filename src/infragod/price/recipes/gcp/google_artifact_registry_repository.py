"""google_artifact_registry_repository: GB kept, and what leaves for other continents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import locate
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Storage", "GB", "storage_gb", "artifactregistry", "storage"),
    Use(
        "Data transfer to another region",
        "GB",
        "monthly_egress_data_transfer_gb",
        "artifactregistry",
        "egress",
        extra=True,
    ),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one repository."""
    locate(item)
    yield from components(item, LINES)

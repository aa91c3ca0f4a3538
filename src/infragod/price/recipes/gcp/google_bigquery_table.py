"""google_bigquery_table: GB kept, and what goes in and out by the APIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import region_in
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Active storage", "GB", "monthly_active_storage_gb", "bigquery", "active"),
    Use("Long-term storage", "GB", "monthly_long_term_storage_gb", "bigquery", "long-term"),
    Use("Streaming inserts", "MB", "monthly_streaming_inserts_mb", "bigquery", "inserts", extra=True),
    Use("Storage write API", "GB", "monthly_storage_write_api_gb", "bigquery", "write-api", extra=True),
    Use("Storage read API", "TB", "monthly_storage_read_api_tb", "bigquery", "read-api", extra=True),
)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The components of one table, which is where its dataset is."""
    for dataset in item.joined("dataset_id", "google_bigquery_dataset"):
        place = dataset.word("location", "US").lower()
        item.region = region_in(place) or place
    yield from components(item, LINES)

"""google_bigquery_dataset: what queries on demand scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.gcp.place import region_in
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (Use("Queries (on-demand)", "TB", "monthly_queries_tb", "bigquery", "queries"),)
DIMENSIONS: Final = dimensions(*LINES)


def price(item: Item) -> Iterator[Component]:
    """The queries of one dataset; what its tables keep is theirs."""
    place = item.word("location", "US").lower()
    item.region = region_in(place) or place
    yield from components(item, LINES)

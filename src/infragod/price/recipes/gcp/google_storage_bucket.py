"""google_storage_bucket: GB by class and location, operations, retrievals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.place import region_in
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

STORAGE: Final = "storage_gb"
RETRIEVED: Final = "monthly_data_retrieval_gb"
CLASS_A: Final = "Object adds, bucket/object list (class A)"
CLASS_B: Final = "Object gets, retrieve bucket/object metadata (class B)"
OPERATIONS: Final = (
    Use(CLASS_A, "10k operations", "monthly_class_a_operations", "storage", "standard/class-a", per=10**4, extra=True),
    Use(CLASS_B, "10k operations", "monthly_class_b_operations", "storage", "standard/class-b", per=10**4, extra=True),
)
DIMENSIONS: Final = (
    Dimension("Storage (<class>)", "GB", (STORAGE,)),
    *dimensions(*OPERATIONS),
    Dimension("Data retrieval (<class>)", "GB", (RETRIEVED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one bucket; a multi-region is a place of its own."""
    location = item.word("location").lower()
    item.region = region_in(location) or location or item.region
    kind = item.word("storage_class", "STANDARD").lower()
    yield item.used(f"Storage ({kind})", "GB", STORAGE, item.rate("storage", f"{kind}/gb"))
    if kind == "standard":
        yield from components(item, OPERATIONS)
    elif item.usage(RETRIEVED) is not None:
        yield item.used(f"Data retrieval ({kind})", "GB", RETRIEVED, item.rate("storage", f"{kind}/retrieval"))

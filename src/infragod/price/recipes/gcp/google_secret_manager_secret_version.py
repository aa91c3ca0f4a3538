"""google_secret_manager_secret_version: the month of an active version, in each place that its secret is kept."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.google_secret_manager_secret import ACCESS
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Active secret versions", "versions"), ACCESS.dimension)


def price(item: Item) -> Iterator[Component]:
    """The components of one version; a disabled one is billed too, a destroyed one is not."""
    rate = item.global_rate("secretmanager", "version")
    yield item.fixed("Active secret versions", "versions", _places(item), rate)
    if not item.joined("secret", "google_secret_manager_secret"):
        yield from ACCESS.components(item)


def _places(item: Item) -> Decimal:
    """The replicas that a secret names; one where their place is left to Google."""
    for secret in item.joined("secret", "google_secret_manager_secret"):
        named = secret.block("replication").block("user_managed").blocks("replicas")
        return Decimal(max(len(named), 1))
    return Decimal(1)

"""google_kms_crypto_key: versions by month, by protection and algorithm; operations."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item, Rate
from infragod.price.recipes.dimension import Dimension
from infragod.price.tiers import tiered
from infragod.resource import Component

VERSIONS: Final = "key_versions"
OPERATIONS: Final = "monthly_key_operations"
SOFTWARE: Final = "SOFTWARE"
CHEAP: Final = ("GOOGLE_SYMMETRIC", "RSA_SIGN_PKCS1_2048", "RSA_SIGN_PSS_2048", "RSA_DECRYPT_OAEP_2048", "HMAC", "AES")
TIER: Final = Decimal(2000)
ONE: Final = Decimal(1)
DIMENSIONS: Final = (
    Dimension("Key versions", "months", (VERSIONS,)),
    Dimension("Operations", "10k operations", (OPERATIONS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one key: a version of its own comes with it, unless it is told not to."""
    template = item.block("version_template")
    protection = template.word("protection_level", SOFTWARE)
    algorithm = template.word("algorithm", "GOOGLE_SYMMETRIC_ENCRYPTION")
    kind = protection.lower() + ("" if protection == SOFTWARE or algorithm.startswith(CHEAP) else "/strong")
    yield from _versions(item, kind)
    rate = item.global_rate("kms", f"operations/{protection.lower()}")
    yield item.used("Operations", "10k operations", OPERATIONS, rate, per=10**4)


def _versions(item: Item, kind: str) -> Iterator[Component]:
    rate: Rate = item.global_rate("kms", f"version/{kind}")
    count = item.usage(VERSIONS)
    if not kind.endswith("/strong"):
        if item.flag("skip_initial_version_creation"):
            yield item.used("Key versions", "months", VERSIONS, rate)
        else:
            yield item.assumed("Key versions", "months", VERSIONS, ONE, rate, "1 version")
    elif count is None:
        yield item.assumed("Key versions (first 2K)", "months", VERSIONS, ONE, rate, "1 version")
    else:
        tiers = [(TIER, rate, "first 2K"), (None, item.global_rate("kms", f"version/{kind}/2"), "over 2K")]
        yield from tiered(item, "Key versions", "months", VERSIONS, tiers, count)

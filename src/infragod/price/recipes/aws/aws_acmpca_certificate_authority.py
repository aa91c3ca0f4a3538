"""aws_acmpca_certificate_authority: the month of the authority by its mode, and the certificates that it issues."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.tiers import tiered
from infragod.resource import Component

ISSUED: Final = "monthly_certificates"
SHORT_LIVED: Final = "SHORT_LIVED_CERTIFICATE"
DIMENSIONS: Final = (
    Dimension("Private certificate authority", "months"),
    Dimension("Certificates", "requests", (ISSUED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one authority."""
    if item.word("usage_mode", "GENERAL_PURPOSE") == SHORT_LIVED:
        name = "Private certificate authority (short-lived certificate mode)"
        yield item.fixed(name, "months", 1, item.rate("acmpca", "authority/short-lived"))
        rate = item.rate("acmpca", "certificates/short-lived")
        yield item.used("Certificates (short-lived)", "requests", ISSUED, rate)
        return
    yield item.fixed("Private certificate authority", "months", 1, item.rate("acmpca", "authority"))
    ends = ((Decimal(1000), "first 1K"), (Decimal(10_000), "next 9K"), (None, "over 10K"))
    tiers = [(end, item.rate("acmpca", f"certificates/{i}"), text) for i, (end, text) in enumerate(ends, 1)]
    yield from tiered(item, "Certificates", "requests", ISSUED, tiers, item.usage(ISSUED), per=1)

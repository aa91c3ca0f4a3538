"""aws_acm_certificate: public and imported ones cost nothing; private ones are issued for a fee."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

ISSUED: Final = "monthly_certificates"
DIMENSIONS: Final = (Dimension("Certificate", "requests", (ISSUED,)),)


def price(item: Item) -> Iterator[Component]:
    """The fee of a private certificate, at each issue and renewal."""
    if item.is_referring("certificate_authority_arn") or item.word("certificate_authority_arn"):
        yield item.used("Certificate", "requests", ISSUED, item.rate("acmpca", "certificates/1"))

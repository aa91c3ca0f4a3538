"""aws_cloudfront_distribution: transfer and requests by geography, certificates with an address of their own, logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import PB, TB, Use, components, dimensions
from infragod.resource import Component

GEOGRAPHIES: Final = {
    "us": "US, Mexico, Canada",
    "europe": "Europe, Israel",
    "south_africa": "South Africa, Kenya, Middle East",
    "south_america": "South America",
    "japan": "Japan",
    "australia": "Australia, New Zealand",
    "asia_pacific": "Hong Kong, Philippines, Asia Pacific",
    "india": "India",
}
OUT: Final = (
    (10 * TB, "first 10TB"),
    (50 * TB, "next 40TB"),
    (150 * TB, "next 100TB"),
    (500 * TB, "next 350TB"),
    (PB, "next 524TB"),
    (5 * PB, "next 4PB"),
    (None, "over 5PB"),
)


def _geography(key: str, name: str) -> Iterator[Use]:
    """The lines of one geography; all but the first are listed only where their usage is given."""
    extra = key != "us"
    for title, unit, usage, price, per in (
        (f"{name}/Data transfer out to internet", "GB", "monthly_data_transfer_to_internet_gb", "out", 1),
        (f"{name}/Data transfer out to origin", "GB", "monthly_data_transfer_to_origin_gb", "origin", 1),
        (f"{name}/HTTP requests", "10k requests", "monthly_http_requests", "http", 10**4),
        (f"{name}/HTTPS requests", "10k requests", "monthly_https_requests", "https", 10**4),
    ):
        tiers = OUT if price == "out" else ()
        yield Use(
            title,
            unit,
            f"{usage}_{key}",
            "cloudfront",
            f"{key}/{price}",
            per=per,
            tiers=tiers,
            extra=extra,
            everywhere=True,
        )


LINES: Final = (
    *(line for key, name in GEOGRAPHIES.items() for line in _geography(key, name)),
    Use(
        "Invalidation requests (over 1k)",
        "paths",
        "monthly_invalidation_requests",
        "cloudfront",
        "invalidation",
        free=1000,
        everywhere=True,
    ),
    Use(
        "Field level encryption requests",
        "10k requests",
        "monthly_encryption_requests",
        "cloudfront",
        "encryption",
        per=10**4,
        extra=True,
        everywhere=True,
    ),
    Use(
        "Real-time log requests",
        "1M lines",
        "monthly_log_lines",
        "cloudfront",
        "log-lines",
        per=10**6,
        extra=True,
        everywhere=True,
    ),
)
SHIELD: Final = "monthly_shield_requests"
CERTIFICATES: Final = "custom_ssl_certificates"
DIMENSIONS: Final = (
    *dimensions(*LINES),
    Dimension("Origin shield HTTP requests (<region>)", "10k requests", (SHIELD,)),
    Dimension("Dedicated IP custom SSLs", "certificates", (CERTIFICATES,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one distribution."""
    yield from components(item, LINES)
    regions = {
        shield.word("origin_shield_region")
        for origin in item.blocks("origin")
        for shield in origin.blocks("origin_shield")
        if shield.flag("enabled")
    }
    for region in sorted(regions):
        rate = item.global_rate("cloudfront", f"shield/{region}")
        yield item.used(f"Origin shield HTTP requests ({region})", "10k requests", SHIELD, rate, per=10**4)
    if item.block("viewer_certificate").word("ssl_support_method") == "vip" or item.usage(CERTIFICATES) is not None:
        rate = item.global_rate("cloudfront", "certificate")
        given = item.usage(CERTIFICATES)
        if given is None:
            yield item.fixed("Dedicated IP custom SSLs", "certificates", 1, rate)
        else:
            yield item.used("Dedicated IP custom SSLs", "certificates", CERTIFICATES, rate)

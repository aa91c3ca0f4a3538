"""What leaves over a VPN or a peering, by where it goes."""

from __future__ import annotations

from typing import Final

from infragod.price.recipes.used import Use

PLACES: Final = (
    ("within the same region", "same_region"),
    ("within the US or Canada", "us_or_canada"),
    ("within Europe", "europe"),
    ("within Asia", "asia"),
    ("within South America", "south_america"),
    ("to/from Indonesia and Oceania", "oceania"),
    ("between continents (excludes Oceania)", "worldwide"),
)


def lines(name: str) -> tuple[Use, ...]:
    """The usage lines of a gateway or peering: the everyday one, and the others where usage names them."""
    return tuple(
        Use(f"{name} {text}", "GB", f"monthly_egress_{key}_gb", "egress", key.replace("_", "-"), extra=number > 0)
        for number, (text, key) in enumerate(PLACES)
    )

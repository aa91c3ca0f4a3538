"""aws_lightsail_instance: hours of a bundle, dearer with Windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

DIMENSIONS: Final = (Dimension("Virtual server (<system>)", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The hours of one server: `xlarge_1_0` and `small_win_2_0` are bundles."""
    bundle = item.text("bundle_id")
    windows = "_win" in bundle if isinstance(bundle, str) else False
    size = bundle.partition("_")[0] if isinstance(bundle, str) else ""
    address = "/ipv6" if isinstance(bundle, str) and "_ipv6" in bundle else ""
    key = f"{'windows' if windows else 'linux'}/{size}{address}"
    name = f"Virtual server ({'Windows' if windows else 'Linux/UNIX'})"
    yield item.hours(name, item.rate("lightsail", key if isinstance(bundle, str) else UNKNOWN))

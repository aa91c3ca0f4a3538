"""aws_directory_service_directory: domain controllers by kind and size, two of them in every directory; sharing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

INCLUDED: Final = 2
KINDS: Final = {"SimpleAD": "Simple AD", "ADConnector": "AD Connector", "MicrosoftAD": "Microsoft AD"}
CONTROLLERS: Final = "additional_domain_controllers"
SHARED: Final = "shared_accounts"
DIMENSIONS: Final = (
    Dimension("Directory service (<kind>, <edition or size>)", "controllers"),
    Dimension("Additional domain controllers", "controllers", (CONTROLLERS,)),
    Dimension("Directory sharing", "accounts", (SHARED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one directory."""
    kind = item.text("type", "SimpleAD")
    microsoft = kind == "MicrosoftAD"
    size = item.word("edition", "Enterprise") if microsoft else item.word("size", "Small")
    key = f"{kind}/{size}".lower() if isinstance(kind, str) else UNKNOWN
    rate = item.rate("directory", key).times(HOURS)
    name = KINDS.get(kind, kind) if isinstance(kind, str) else "kind known after apply"
    yield item.fixed(f"Directory service ({name}, {size})", "controllers", INCLUDED, rate)
    if kind != "ADConnector":
        yield from _more(item, key, microsoft=microsoft)


def _more(item: Item, key: object, *, microsoft: bool) -> Iterator[Component]:
    """Further controllers, as the plan says or as usage expects; accounts that the directory is shared with."""
    rate = item.rate("directory", key if isinstance(key, str) else UNKNOWN).times(HOURS)
    desired = item.number("desired_number_of_domain_controllers")
    if desired is not None and desired > INCLUDED:
        yield item.fixed("Additional domain controllers", "controllers", desired - INCLUDED, rate)
    elif item.usage(CONTROLLERS) is not None:
        yield item.used("Additional domain controllers", "controllers", CONTROLLERS, rate)
    if microsoft and item.usage(SHARED) is not None:
        edition = "enterprise" if str(key).endswith("enterprise") else "standard"
        sharing = item.rate("directory", f"sharing/{edition}").times(HOURS)
        yield item.used("Directory sharing", "accounts", SHARED, sharing)

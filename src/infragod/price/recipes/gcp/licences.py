"""Systems that are billed on top of a machine: Windows, Red Hat, SUSE, by the image's project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import ONE, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.gcp.machines import vcpus
from infragod.resource import Component

PROJECT: Final = re.compile(r"(?:.*/)?(windows|windows-sql|rhel|rhel-sap|suse|suse-sap)-cloud/.*")
NAMES: Final = {"suse": "sles", "suse-sap": "sles-sap"}
# Up to how many vCPUs which price holds, and whether it is one for each vCPU.
STEPS: Final = {
    "rhel": ((8, "rhel/small"), (None, "rhel/large")),
    "rhel-sap": ((8, "rhel-sap/small"), (None, "rhel-sap/large")),
    "sles-sap": ((2, "sles-sap/2"), (4, "sles-sap/4"), (None, "sles-sap/5")),
}
FLAT: Final = ("sles", "sles-sap")
DIMENSIONS: Final = (Dimension("Licence (<system>)", "hours"),)


def licence(item: Item, image: object, kind: object, count: Decimal | int | None = 1) -> Iterator[Component]:
    """The hours of the licence that an image brings to `count` machines of a type."""
    match = PROJECT.fullmatch(image) if isinstance(image, str) else None
    if match is None:
        return
    system = NAMES.get(match[1], match[1])
    cores = vcpus(kind)
    steps = STEPS.get(system, ((None, system),))
    key = next((key for upto, key in steps if upto is None or (cores is not None and cores <= upto)), system)
    number = ONE if system in FLAT else cores
    if cores is None and (system not in FLAT or len(steps) > 1):
        number = None
    yield item.hours(f"Licence ({system})", item.global_rate("licence", key), times(number, count))

"""Cloud Run: what services, jobs and functions on it share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import UNKNOWN, Component

SECONDS: Final = HOURS * 3600
MEMORY: Final = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|K|M|G|)")
GIGABYTES: Final = {
    "Ki": Decimal(1) / 1024**2,
    "Mi": Decimal(1) / 1024,
    "Gi": Decimal(1),
    "K": Decimal(1000) / 1024**3,
    "M": Decimal(1000**2) / 1024**3,
    "G": Decimal(1000**3) / 1024**3,
    "": Decimal(1) / 1024**3,
}
MILLI: Final = re.compile(r"(\d+)m")
BY_REQUEST: Final = (
    Use("CPU allocation time", "vCPU-seconds", "monthly_vcpu_seconds", "run", "request/cpu"),
    Use("Memory allocation time", "GiB-seconds", "monthly_gib_seconds", "run", "request/memory"),
    Use("Requests", "1M requests", "monthly_requests", "run", "requests", per=10**6),
)
BY_INSTANCE: Final = (
    Use("CPU allocation time", "vCPU-seconds", "monthly_vcpu_seconds", "run", "instance/cpu"),
    Use("Memory allocation time", "GiB-seconds", "monthly_gib_seconds", "run", "instance/memory"),
)
DIMENSIONS: Final = (
    Dimension("CPU of minimum instances (<billing>)", "vCPU-seconds"),
    Dimension("Memory of minimum instances (<billing>)", "GiB-seconds"),
    *dict.fromkeys(dimensions(*BY_REQUEST, *BY_INSTANCE)),
)


def service(
    item: Item, limits: Iterable[tuple[object, object]], least: Decimal | None, *, always: bool
) -> Iterator[Component]:
    """A service by (CPU, memory) of its containers: what its least instances cost, and what usage adds."""
    if least != 0:
        way, key = ("always allocated", "instance") if always else ("idle", "idle")
        pairs = list(limits)
        cpu = _all(cores(cpu) for cpu, _ in pairs)
        memory = _all(gigabytes(memory) for _, memory in pairs)
        for name, unit, size, part in (("CPU", "vCPU", cpu, "cpu"), ("Memory", "GiB", memory, "memory")):
            quantity = times(times(size, least), SECONDS)
            title = f"{name} of minimum instances ({way})"
            yield item.fixed(title, f"{unit}-seconds", quantity, item.rate("run", f"{key}/{part}"))
    yield from components(item, BY_INSTANCE if always else BY_REQUEST)


def _all(sizes: Iterable[Decimal | None]) -> Decimal | None:
    known = list(sizes)
    return None if None in known else sum((size for size in known if size is not None), Decimal(0))


def cores(text: object) -> Decimal | None:
    """`1`, `1000m` → 1; one where nothing is said."""
    if text is None:
        return Decimal(1)
    milli = MILLI.fullmatch(str(text))
    if milli:
        return Decimal(milli[1]) / 1000
    return Decimal(str(text)) if re.fullmatch(r"\d+(\.\d+)?", str(text)) else None


def gigabytes(text: object) -> Decimal | None:
    """`512Mi`, `1Gi`, `1G` → GiB; 512 MiB where nothing is said."""
    match = MEMORY.fullmatch("512Mi" if text is None else str(text))
    return None if match is None or text is UNKNOWN else Decimal(match[1]) * GIGABYTES[match[2]]

"""Compute Engine machines by the hour: what instances, node pools and instance groups share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Attributes, Item, Rate
from infragod.price.recipes.aws.volumes import times
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component, Unknown

# What is left to pay of a machine that runs all month: sustained use discounts by family.
SUSTAINED_USE: Final = {
    "n1": Decimal("0.7"),
    "f1": Decimal("0.7"),
    "g1": Decimal("0.7"),
    "m1": Decimal("0.7"),
    "m2": Decimal("0.7"),
    "n2": Decimal("0.8"),
    "n2d": Decimal("0.8"),
    "c2": Decimal("0.8"),
}
GPU_SUSTAINED_USE: Final = Decimal("0.7")
WITHOUT_SUSTAINED_USE: Final = ("nvidia-h100", "nvidia-h200")
CUSTOM: Final = re.compile(r"(?:(n1|n2|n2d|n4|e2)-)?custom-(?:(micro|small|medium)-)?(\d+)-(\d+)(-ext)?")
SHARED_CORES: Final = {"micro": Decimal("0.25"), "small": Decimal("0.5"), "medium": Decimal(1)}
SHARED_TYPES: Final = {"f1-micro": Decimal(1), "g1-small": Decimal(1)} | {
    f"e2-{size}": Decimal(2) for size in SHARED_CORES
}
# GB of memory a vCPU above which the memory of a custom type is extended memory; no discount applies to it.
EXTENDED_ABOVE: Final = {"n1": Decimal("6.5"), "n2": Decimal(8), "n2d": Decimal(8)}
LOCAL_SSD_GB: Final = 375
GPU_NAMES: Final = {
    "nvidia-tesla-k80": "NVIDIA Tesla K80",
    "nvidia-tesla-p100": "NVIDIA Tesla P100",
    "nvidia-tesla-p4": "NVIDIA Tesla P4",
    "nvidia-tesla-v100": "NVIDIA Tesla V100",
    "nvidia-tesla-t4": "NVIDIA Tesla T4",
    "nvidia-tesla-a100": "NVIDIA Tesla A100",
    "nvidia-a100-80gb": "NVIDIA A100 80GB",
    "nvidia-h100-80gb": "NVIDIA H100 80GB",
    "nvidia-l4": "NVIDIA L4",
}
BUILT_IN_GPUS: Final = (
    (re.compile(r"a2-(?:high|mega)gpu-(\d+)g"), "nvidia-tesla-a100", 1),
    (re.compile(r"a2-ultragpu-(\d+)g"), "nvidia-a100-80gb", 1),
    (re.compile(r"a3-(?:high|edge)gpu-(\d+)g"), "nvidia-h100-80gb", 1),
    (re.compile(r"a3-megagpu-(\d+)g"), "nvidia-h100-mega-80gb", 1),
    (re.compile(r"a3-ultragpu-(\d+)g"), "nvidia-h200-141gb", 1),
    (re.compile(r"g2-standard-(?:4|8|12|16|32)"), "nvidia-l4", 1),
    (re.compile(r"g2-standard-24"), "nvidia-l4", 2),
    (re.compile(r"g2-standard-48"), "nvidia-l4", 4),
    (re.compile(r"g2-standard-96"), "nvidia-l4", 8),
)

DIMENSIONS: Final = (
    Dimension("Instance usage (Linux/UNIX, <purchase option>, <machine type>)", "hours"),
    Dimension("Custom instance CPU (Linux/UNIX, <purchase option>, <vCPUs>)", "hours"),
    Dimension("Custom Instance RAM (Linux/UNIX, <purchase option>, <GB>)", "hours"),
    Dimension("Custom Instance extended RAM (Linux/UNIX, <purchase option>, <GB>)", "hours"),
    Dimension("<Accelerator> (<purchase option>)", "hours"),
    Dimension("Local SSD provisioned storage", "GB"),
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """On demand, or spot (preemptible ones are billed alike)."""

    spot: bool

    @property
    def option(self) -> str:
        """The option as the sheet names it."""
        return "spot" if self.spot else "on-demand"

    @property
    def shown(self) -> str:
        """The option as bills name it."""
        return "preemptible" if self.spot else "on-demand"

    def discounted(self, rate: Rate, share: Decimal) -> Rate:
        """The rate of a whole month: sustained use discounts are for what runs on demand."""
        return rate if self.spot or share == 1 else rate.times(share, rate.note or "with sustained use discount")


def machine(
    item: Item,
    kind: str | Unknown | None,
    purchase: Purchase,
    count: Decimal | int | None = 1,
    prefix: str = "",
) -> Iterator[Component]:
    """The hours of `count` machines of a type."""
    custom = CUSTOM.fullmatch(kind) if isinstance(kind, str) else None
    if custom:
        yield from _custom(item, custom, purchase, count, prefix)
        return
    shown = kind if isinstance(kind, str) else AFTER_APPLY if kind is UNKNOWN else "no type"
    rate = Rate(None, note="the plan names no machine type")
    if kind is not None:
        rate = item.rate("compute", kind, purchase.option)
    share = SUSTAINED_USE.get(shown.partition("-")[0], Decimal(1))
    name = f"{prefix}Instance usage (Linux/UNIX, {purchase.shown}, {shown})"
    yield item.hours(name, purchase.discounted(rate, share), count)


def _custom(
    item: Item, custom: re.Match[str], purchase: Purchase, count: Decimal | int | None, prefix: str
) -> Iterator[Component]:
    """A custom type: cores and memory apart; memory over the family's ratio is dearer."""
    family = custom[1] or "n1"
    cores = SHARED_CORES[custom[2]] if custom[2] else Decimal(custom[3])
    gigabytes = Decimal(custom[4]) / 1024
    share = SUSTAINED_USE.get(family, Decimal(1))
    extended = max(gigabytes - cores * EXTENDED_ABOVE.get(family, 8), Decimal(0)) if custom[5] else Decimal(0)
    cpu, ram = (item.rate("compute", f"{family}-custom/{part}", purchase.option) for part in ("cpu", "ram"))
    text = f"Linux/UNIX, {purchase.shown}, {family.upper()}"
    yield item.hours(
        f"{prefix}Custom instance CPU ({text} {custom[3]} vCPUs)",
        purchase.discounted(cpu.times(cores), share),
        count,
    )
    yield item.hours(
        f"{prefix}Custom Instance RAM ({text} {(gigabytes - extended).normalize():f} GB)",
        purchase.discounted(ram.times(gigabytes - extended), share),
        count,
    )
    if extended:
        rate = item.rate("compute", f"{family}-custom/ram-extended", purchase.option)
        yield item.hours(
            f"{prefix}Custom Instance extended RAM ({text} {extended.normalize():f} GB)", rate.times(extended), count
        )


def accelerators(
    item: Item, settings: Attributes, kind: object, purchase: Purchase, count: Decimal | int | None, prefix: str = ""
) -> Iterator[Component]:
    """The accelerators that the plan names, or that the machine type brings."""
    named = [(block.text("type"), block.number("count", 1)) for block in settings.blocks("guest_accelerator")]
    for name, each in named or _built_in(kind):
        if each != 0:
            yield accelerator(item, name, purchase, times(each, count), prefix)


def accelerator(
    item: Item, name: object, purchase: Purchase, count: Decimal | int | None, prefix: str = ""
) -> Component:
    """The hours of `count` accelerators of a type."""
    text = str(name).rpartition("/")[2] if isinstance(name, str) else AFTER_APPLY
    listed = item.rate("compute", f"gpu/{text}" if isinstance(name, str) else UNKNOWN, purchase.option)
    share = Decimal(1) if text.startswith(WITHOUT_SUSTAINED_USE) else GPU_SUSTAINED_USE
    rate = purchase.discounted(listed, share)
    return item.hours(f"{prefix}{GPU_NAMES.get(text, text)} ({purchase.shown})", rate, count)


def vcpus(kind: object) -> Decimal | None:
    """The vCPUs that a type's name tells: `n1-standard-4`, `custom-6-20480`; shared cores have two."""
    if not isinstance(kind, str):
        return None
    custom, last = CUSTOM.fullmatch(kind), re.fullmatch(r"[a-z]\w*-[a-z]+-(\d+)(?:-\w+)?", kind)
    if custom:
        return Decimal(custom[3])
    return Decimal(last[1]) if last else SHARED_TYPES.get(kind)


def _built_in(kind: object) -> list[tuple[str, Decimal]]:
    for pattern, name, number in BUILT_IN_GPUS:
        match = pattern.fullmatch(str(kind))
        if match:
            return [(name, Decimal(match[1] if match.groups() else number))]
    return []


def local_ssds(
    item: Item, number: Decimal | int | None, purchase: Purchase, count: Decimal | int | None, prefix: str = ""
) -> Iterator[Component]:
    """Local SSDs of 375 GB each."""
    if number != 0:
        gigabytes = times(None if number is None else Decimal(number) * LOCAL_SSD_GB, count)
        rate = item.rate("compute", "disk/local-ssd", purchase.option)
        yield item.fixed(f"{prefix}Local SSD provisioned storage", "GB", gigabytes, rate)

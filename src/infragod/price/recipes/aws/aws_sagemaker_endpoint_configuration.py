"""aws_sagemaker_endpoint_configuration: instance hours of its variants; serverless ones by what they compute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, Attributes, Item, Rate
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

SECONDS: Final = "monthly_inference_gb_seconds"
DIMENSIONS: Final = (
    Dimension("Hosting (<type>)", "hours"),
    Dimension("Serverless inference", "GB-seconds", (SECONDS,)),
    Dimension("Volume", "GB"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of each variant, shadows too."""
    variants = (*item.blocks("production_variants"), *item.blocks("shadow_production_variants"))
    if not variants:
        yield item.hours("Hosting", Rate(None, note=AFTER_APPLY), None)
    for variant in variants:
        if variant.block("serverless_config"):
            rate = item.rate("sagemaker", "serverless/gb-second")
            yield item.used("Serverless inference", "GB-seconds", SECONDS, rate)
        else:
            yield from _variant(item, variant)


def _variant(item: Item, variant: Attributes) -> Iterator[Component]:
    kind = variant.text("instance_type")
    known = isinstance(kind, str)
    count = variant.number("initial_instance_count", 1)
    yield item.hours(
        f"Hosting ({kind if known else AFTER_APPLY})",
        item.rate("sagemaker", f"hosting/{kind}" if known else UNKNOWN),
        count,
    )
    size = variant.number("volume_size_in_gb")
    if size is not None:
        yield item.fixed("Volume", "GB", None if count is None else size * count, item.rate("sagemaker", "volume"))

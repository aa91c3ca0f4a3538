"""aws_kinesis_firehose_delivery_stream: GB in tiers, conversion, delivery into a network with its hours."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Attributes, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import TB, Use
from infragod.resource import Component

DATA: Final = "monthly_data_ingested_gb"
TIERS: Final = ((500 * TB, "first 500TB"), (2000 * TB, "next 1.5PB"), (None, "next 3PB"))
INGESTED: Final = Use("Data ingested", "GB", DATA, "firehose", "ingested", tiers=TIERS)
CONVERTED: Final = Use("Format conversion", "GB", DATA, "firehose", "converted")
PARTITIONED: Final = Use("Dynamic partitioning", "GB", DATA, "firehose", "partitioned")
TO_NETWORK: Final = Use("VPC data", "GB", DATA, "firehose", "vpc/gb")
TARGETS: Final = ("elasticsearch_configuration", "opensearch_configuration", "opensearchserverless_configuration")
DIMENSIONS: Final = (
    *(line.dimension for line in (INGESTED, CONVERTED, PARTITIONED, TO_NETWORK)),
    Dimension("VPC AZ delivery", "hours"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one stream; each started 5 KB of a record is billed."""
    yield from INGESTED.components(item)
    target = item.block("extended_s3_configuration")
    if _enabled(target.block("data_format_conversion_configuration")):
        yield from CONVERTED.components(item)
    if _enabled(target.block("dynamic_partitioning_configuration"), default=False):
        yield from PARTITIONED.components(item)
    for name in TARGETS:
        network = item.block(name).block("vpc_config")
        if network:
            yield item.fixed("VPC AZ delivery", "hours", _zone_hours(network), item.rate("firehose", "vpc/hours"))
            yield from TO_NETWORK.components(item)


def _enabled(block: Attributes, *, default: bool = True) -> bool:
    """Whether a block is there and not turned off."""
    return bool(block) and block.flag("enabled", default=default)


def _zone_hours(network: Attributes) -> Decimal | None:
    """Hours of each subnet, of which there is one a zone."""
    subnets = network.value("subnet_ids")
    return len(subnets) * HOURS if isinstance(subnets, list) else None

"""aws_kinesis_stream: shards by the hour and what is put, or the stream by the hour and what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

INCLUDED_HOURS: Final = 24
UNITS: Final = "monthly_put_payload_units"
INGESTED: Final = "monthly_data_ingested_gb"
RETRIEVED: Final = "monthly_data_retrieved_gb"
DIMENSIONS: Final = (
    Dimension("Shards (provisioned)", "hours"),
    Dimension("Put request units", "1M units", (UNITS,)),
    Dimension("Stream (on-demand)", "hours"),
    Dimension("Data ingested", "GB", (INGESTED,)),
    Dimension("Data retrieval", "GB", (RETRIEVED,)),
    Dimension("Extended retention", "hours"),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one stream."""
    if item.block("stream_mode_details").word("stream_mode", "PROVISIONED") == "ON_DEMAND":
        yield item.hours("Stream (on-demand)", item.rate("kinesis", "on-demand/hours"))
        yield item.used("Data ingested", "GB", INGESTED, item.rate("kinesis", "on-demand/ingested"))
        yield item.used("Data retrieval", "GB", RETRIEVED, item.rate("kinesis", "on-demand/retrieved"))
    else:
        yield item.hours("Shards (provisioned)", item.rate("kinesis", "shard/hours"), item.number("shard_count"))
        yield item.used("Put request units", "1M units", UNITS, item.rate("kinesis", "shard/put-units"), per=10**6)
    kept = item.number("retention_period", INCLUDED_HOURS)
    if kept is None or kept > INCLUDED_HOURS:
        yield item.hours("Extended retention", item.rate("kinesis", "retention/extended"), item.number("shard_count"))

"""aws_kinesis_stream: shards by the hour and what is put, or the stream by the hour and what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

INCLUDED_HOURS: Final = 24
UNITS: Final = "monthly_put_payload_units"
INGESTED: Final = "monthly_data_ingested_gb"
RETRIEVED: Final = "monthly_data_retrieved_gb"
ELSEWHERE: Final = (
    ("on-demand", "efo/hours"),
    ("shard", "retention/gb"),
)  # there is none, and it is billed by the hour
RARE: Final = {
    way: tuple(
        Use(name, unit, usage, "kinesis", f"{way}/{price}", extra=True)
        for name, unit, usage, price in (
            ("Enhanced Fan Out (EFO)", "consumer-shard hour", "monthly_consumer_shard_hours", "efo/hours"),
            ("Enhanced Fan Out (EFO) Data retrieval", "GB", "monthly_consumer_data_retrieval_gb", "efo/gb"),
            ("Extended retention (24H to 7D)", "GB", "monthly_extended_retention_gb", "retention/gb"),
            ("Long term retention (7D+)", "GB", "monthly_long_term_retention_gb", "retention/long"),
            ("Long term retention retrieval (7D+)", "GB", "monthly_long_term_retrieval_gb", "retention/retrieved"),
        )
        if (way, price) not in ELSEWHERE
    )
    for way in ("shard", "on-demand")
}
DIMENSIONS: Final = (
    Dimension("Shards (provisioned)", "hours"),
    Dimension("Put request units", "1M units", (UNITS,)),
    Dimension("Stream (on-demand)", "hours"),
    Dimension("Data ingested", "GB", (INGESTED,)),
    Dimension("Data retrieval", "GB", (RETRIEVED,)),
    Dimension("Extended retention", "hours"),
    *dict.fromkeys(dimensions(*RARE["shard"], *RARE["on-demand"])),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one stream."""
    on_demand = item.block("stream_mode_details").word("stream_mode", "PROVISIONED") == "ON_DEMAND"
    if on_demand:
        yield item.hours("Stream (on-demand)", item.rate("kinesis", "on-demand/hours"))
        yield item.used("Data ingested", "GB", INGESTED, item.rate("kinesis", "on-demand/ingested"))
        yield item.used("Data retrieval", "GB", RETRIEVED, item.rate("kinesis", "on-demand/retrieved"))
    else:
        yield item.hours("Shards (provisioned)", item.rate("kinesis", "shard/hours"), item.number("shard_count"))
        yield item.used("Put request units", "1M units", UNITS, item.rate("kinesis", "shard/put-units"), per=10**6)
    kept = item.number("retention_period", INCLUDED_HOURS)
    if not on_demand and (kept is None or kept > INCLUDED_HOURS):
        yield item.hours("Extended retention", item.rate("kinesis", "retention/extended"), item.number("shard_count"))
    yield from components(item, RARE["on-demand" if on_demand else "shard"])

"""aws_cloudwatch_metric_alarm: the metrics that it watches, by resolution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

HIGH_RESOLUTION_BELOW: Final = 60  # seconds
WITH_BAND: Final = 3  # the metric, and the upper and lower end of what is expected of it
DIMENSIONS: Final = (
    Dimension("Standard resolution", "alarm metrics"),
    Dimension("High resolution", "alarm metrics"),
    Dimension("Standard resolution anomaly detection", "alarm metrics"),
    Dimension("High resolution anomaly detection", "alarm metrics"),
)


def price(item: Item) -> Iterator[Component]:
    """The alarm's metrics; where it compares with an expected band, these are the metric and both ends of the band."""
    metrics = [block.block("metric") for block in item.blocks("metric_query")]
    watched = [metric for metric in metrics if metric]
    periods = [metric.number("period", 60) for metric in watched] or [item.number("period", 60)]
    if None in periods:
        yield item.fixed("Standard resolution", "alarm metrics", None, item.rate("cloudwatch", "alarm/standard"))
        return
    high = any(period is not None and period < HIGH_RESOLUTION_BELOW for period in periods)
    name = "High resolution" if high else "Standard resolution"
    count = len(periods)
    if item.value("threshold_metric_id") is not None:
        name, count = f"{name} anomaly detection", WITH_BAND
    rate = item.rate("cloudwatch", "alarm/high-resolution" if high else "alarm/standard")
    yield item.fixed(name, "alarm metrics", count, rate)

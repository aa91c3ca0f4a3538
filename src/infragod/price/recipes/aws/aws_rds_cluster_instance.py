"""aws_rds_cluster_instance: an Aurora instance by class and engine, or serverless by capacity used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import AFTER_APPLY, NOTHING, Item, Rate
from infragod.price.recipes.aws.aws_db_instance import edition
from infragod.price.recipes.aws.compute import CREDIT_HOURS, RESERVED, reservation, vcpus
from infragod.price.recipes.aws.rds import (
    INSIGHTS,
    credits_used,
    extended_support,
    insights,
    serverless_insights,
)
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component, Unknown

SERVERLESS: Final = "db.serverless"
CAPACITY: Final = "monthly_acu_hours"
DIMENSIONS: Final = (
    Dimension("Database instance (<purchase option>, <class>)", "hours", RESERVED),
    Dimension("Aurora serverless v2", "ACU-hours", (CAPACITY,)),
    Dimension("Extended support (year <n>)", "vCPU-hours"),
    Dimension("CPU credits", "vCPU-hours", (CREDIT_HOURS,)),
    Dimension("Performance Insights Long Term Retention (<class>)", "vCPU-month"),
    Dimension("Performance Insights API", "1000 requests", (INSIGHTS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one instance; storage and I/O are its cluster's."""
    cluster = next(iter(item.joined("cluster_identifier", "aws_rds_cluster")), NOTHING)
    engine = item.text("engine") or cluster.text("engine")
    kind = item.text("instance_class")
    optimised = cluster.word("storage_type") == "aurora-iopt1"
    if kind == SERVERLESS:
        name = f"Aurora serverless v2{' (I/O-optimized)' if optimised else ''}"
        rate = item.rate("rds", f"acu{'/io-optimized' if optimised else ''}")
        yield item.used(name, "ACU-hours", CAPACITY, rate)
        yield from serverless_insights(item)
        return
    option = reservation(item)
    shown = kind if isinstance(kind, str) else AFTER_APPLY
    rate = _rate(item, engine, kind, option, optimised=optimised)
    yield item.hours(f"Database instance ({option.partition('/')[0]}, {shown})", rate)
    if isinstance(kind, str) and isinstance(engine, str):
        version = item.word("engine_version") or cluster.word("engine_version")
        yield from extended_support(item, engine, version, vcpus(kind))
        yield from credits_used(item, engine, kind)
        yield from insights(item, kind)


def _rate(
    item: Item, engine: str | Unknown | None, kind: str | Unknown | None, option: str, *, optimised: bool
) -> Rate:
    if not isinstance(engine, str) or not isinstance(kind, str):
        return Rate(None, note="the plan names no engine or class" if None in (engine, kind) else AFTER_APPLY)
    deployment = "io-optimized" if optimised else "single-az"
    return item.rate("rds", f"{kind}/{edition(engine, '')}/{deployment}", option)

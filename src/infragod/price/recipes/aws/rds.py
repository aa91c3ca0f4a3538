"""What RDS and Aurora instances share: extended support, CPU credits, Performance Insights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.aws.compute import CREDIT_HOURS, vcpus
from infragod.resource import Component

FREE_INSIGHTS_DAYS: Final = 7
INSIGHTS: Final = "monthly_additional_performance_insights_requests"


@dataclass(frozen=True, slots=True)
class Support:
    """The days on which billing of a version begins, and on which its third year begins (None: there is none)."""

    begins: date
    third_year: date | None


MYSQL_57: Final = Support(date(2024, 3, 1), date(2026, 3, 1))
AURORA_2: Final = Support(date(2024, 12, 1), None)
POSTGRES_11: Final = Support(date(2024, 4, 1), date(2026, 4, 1))
POSTGRES_12: Final = Support(date(2025, 3, 1), date(2027, 3, 1))
POSTGRES_13: Final = Support(date(2026, 3, 1), date(2028, 3, 1))

VERSIONS: Final = {
    ("mysql", "5.7"): MYSQL_57,
    ("aurora", "5.7"): AURORA_2,
    ("aurora-mysql", "5.7"): AURORA_2,
    ("postgres", "11"): POSTGRES_11,
    ("postgres", "12"): POSTGRES_12,
    ("postgres", "13"): POSTGRES_13,
    ("aurora-postgresql", "11"): POSTGRES_11,
    ("aurora-postgresql", "12"): POSTGRES_12,
    ("aurora-postgresql", "13"): POSTGRES_13,
}


def support_of(engine: str, version: str) -> Support | None:
    """The dates of a version such as `5.7.44`, `11` or `5.7.mysql_aurora.2.11.2`."""
    parts = version.split(".")
    return VERSIONS.get((engine, ".".join(parts[:2]))) or VERSIONS.get((engine, parts[0]))


def extended_support(item: Item, engine: str, version: str, vcpus: int) -> Iterator[Component]:
    """The fee for extended support, from the day on which it is billed; none where it was declined."""
    support = support_of(engine, version)
    declined = item.word("engine_lifecycle_support").endswith("disabled")
    if support is None or declined or item.as_of < support.begins:
        return
    third = support.third_year is not None and item.as_of >= support.third_year
    first = item.as_of < support.begins.replace(year=support.begins.year + 1)
    year = "3" if third else "1" if first else "2"
    rate = item.rate("rds", f"extended-support/{'year-3' if third else 'year-1'}")
    yield item.fixed(f"Extended support (year {year})", "vCPU-hours", HOURS * vcpus, rate)


def credits_used(item: Item, engine: str, kind: str) -> Iterator[Component]:
    """CPU credits of burstable classes, where usage tells them."""
    if kind.startswith(("db.t3", "db.t4g")) and item.usage(CREDIT_HOURS) is not None:
        family = "aurora" if engine.startswith("aurora") else "rds"
        yield item.used("CPU credits", "vCPU-hours", CREDIT_HOURS, item.rate("rds", f"cpu-credits/{family}"))


def insights(item: Item, kind: str) -> Iterator[Component]:
    """Performance Insights: seven days are free, longer retention is billed by vCPU."""
    if not item.flag("performance_insights_enabled"):
        return
    days = item.number("performance_insights_retention_period", FREE_INSIGHTS_DAYS)
    if days is None or days > FREE_INSIGHTS_DAYS:
        name = f"Performance Insights Long Term Retention ({kind})"
        family = ".".join(kind.split(".")[:2])
        yield item.fixed(name, "vCPU-month", Decimal(vcpus(kind)), item.rate("rds", f"insights/{family}"))
    yield item.used(
        "Performance Insights API", "1000 requests", INSIGHTS, item.rate("rds", "insights/requests"), per=1000
    )


def serverless_insights(item: Item) -> Iterator[Component]:
    """Performance Insights of a serverless instance: longer retention is billed by the capacity used."""
    days = item.number("performance_insights_retention_period", FREE_INSIGHTS_DAYS)
    if item.flag("performance_insights_enabled") and (days is None or days > FREE_INSIGHTS_DAYS):
        name = "Performance Insights Long Term Retention (serverless)"
        rate = item.rate("rds", "insights/serverless")
        yield item.used(name, "ACUs", "monthly_acu_hours", rate, per=int(HOURS))

"""aws_mwaa_environment: hours by class, with the least number of further workers and schedulers; metadata storage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.aws.volumes import above
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component, Unknown

METADATA: Final = "meta_database_gb"
DEFAULT_CLASS: Final = "mw1.small"
INCLUDED_WORKERS: Final = 1
INCLUDED_SCHEDULERS: Final = 2
DIMENSIONS: Final = (
    Dimension("Environment (<class>)", "hours"),
    Dimension("Worker (<class>)", "hours"),
    Dimension("Scheduler (<class>)", "hours"),
    Dimension("Meta database", "GB", (METADATA,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one environment; one worker and two schedulers are in its price."""
    kind = item.text("environment_class", DEFAULT_CLASS)
    shown = kind if isinstance(kind, str) else AFTER_APPLY

    def key(role: str) -> str | Unknown:
        return f"{kind}/{role}" if isinstance(kind, str) else UNKNOWN

    yield item.hours(f"Environment ({shown})", item.rate("mwaa", key("environment")))
    for role, attribute, included in (
        ("Worker", "min_workers", INCLUDED_WORKERS),
        ("Scheduler", "schedulers", INCLUDED_SCHEDULERS),
    ):
        number = item.number(attribute, included)
        further = above(number, Decimal(included))
        if further != 0:
            yield item.hours(f"{role} ({shown})", item.rate("mwaa", key(role.lower())), further)
    yield item.used("Meta database", "GB", METADATA, item.rate("mwaa", "metadata"))

"""aws_mq_broker: hours by instance type, one broker, two or a cluster of three; storage as used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import AFTER_APPLY, Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Component

STORAGE: Final = "storage_size_gb"
BROKERS: Final = {"ACTIVE_STANDBY_MULTI_AZ": 2, "CLUSTER_MULTI_AZ": 3}
DIMENSIONS: Final = (
    Dimension("Instance usage (<engine>, <type>, <deployment>)", "hours"),
    Dimension("Storage (<engine>, <kind>)", "GB", (STORAGE,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one broker: each member costs the same."""
    engine = "RabbitMQ" if item.word("engine_type").lower() == "rabbitmq" else "ActiveMQ"
    deployment = item.word("deployment_mode", "SINGLE_INSTANCE")
    count = BROKERS.get(deployment, 1)
    kind = item.text("host_instance_type")
    known = isinstance(kind, str)
    shown = f"{engine}, {kind if known else AFTER_APPLY}, {deployment.lower().replace('_', ' ')}"
    yield item.hours(f"Instance usage ({shown})", item.rate("mq", kind if known else UNKNOWN), count)
    disk = item.word("storage_type", "ebs" if engine == "RabbitMQ" else "efs").lower()
    members = Decimal(3 if deployment == "CLUSTER_MULTI_AZ" else 1)
    rate = item.rate("mq", f"storage/{disk}").times(members)
    yield item.used(f"Storage ({engine}, {disk.upper()})", "GB", STORAGE, rate)

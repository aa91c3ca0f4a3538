"""aws_dynamodb_table: provisioned capacity or requests, of the table, its indexes and replicas; storage, backups."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Item
from infragod.price.recipes.dimension import Dimension
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

WRITES: Final = "monthly_write_request_units"
READS: Final = "monthly_read_request_units"
MILLION: Final = 10**6
STORAGE: Final = "storage_gb"
PITR: Final = Use("Point-In-Time Recovery (PITR) backup storage", "GB", "pitr_backup_storage_gb", "dynamodb", "pitr")
STREAMS: Final = Use(
    "Streams read request unit (sRRU)", "1M sRRUs", "monthly_streams_read_request_units", "dynamodb", "streams", MILLION
)
RARE: Final = (
    Use("On-demand backup storage", "GB", "on_demand_backup_storage_gb", "dynamodb", "backup", extra=True),
    Use("Table data restored", "GB", "monthly_data_restored_gb", "dynamodb", "restore", extra=True),
)
DIMENSIONS: Final = (
    Dimension("Write capacity unit (WCU)", "WCU"),
    Dimension("Read capacity unit (RCU)", "RCU"),
    Dimension("Write request unit (WRU)", "1M WRUs", (WRITES,)),
    Dimension("Read request unit (RRU)", "1M RRUs", (READS,)),
    Dimension("Global table (<region>)", "rWCU", (WRITES,)),
    Dimension("Data storage", "GB", (STORAGE,)),
    *dimensions(PITR, STREAMS, *RARE),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one table."""
    infrequent = "ia/" if item.word("table_class") == "STANDARD_INFREQUENT_ACCESS" else ""
    on_demand = item.word("billing_mode", "PROVISIONED") == "PAY_PER_REQUEST"
    yield from _requests(item, infrequent) if on_demand else _capacity(item, infrequent)
    for replica in item.blocks("replica"):
        yield _replica(item, replica.word("region_name"), infrequent, on_demand=on_demand)
    yield item.used("Data storage", "GB", STORAGE, item.rate("dynamodb", f"{infrequent}storage"))
    if item.block("point_in_time_recovery").flag("enabled"):
        yield from PITR.components(item)
    yield from components(item, RARE)
    if item.flag("stream_enabled"):
        yield from STREAMS.components(item)


def _capacity(item: Item, infrequent: str) -> Iterator[Component]:
    for name, unit in (("Write", "wcu"), ("Read", "rcu")):
        rate = item.rate("dynamodb", f"{infrequent}{unit}").times(HOURS)
        title = f"{name} capacity unit ({unit.upper()})"
        yield item.fixed(title, unit.upper(), _units(item, f"{name.lower()}_capacity"), rate)


def _units(item: Item, attribute: str) -> Decimal | None:
    """The capacity of the table with that of its global indexes."""
    parts = [item.number(attribute, 0), *(index.number(attribute, 0) for index in item.blocks(INDEX))]
    return None if None in parts else sum((part for part in parts if part is not None), Decimal(0))


INDEX: Final = "global_secondary_index"


def _requests(item: Item, infrequent: str) -> Iterator[Component]:
    for name, unit, usage in (("Write", "wru", WRITES), ("Read", "rru", READS)):
        rate = item.rate("dynamodb", f"{infrequent}{unit}")
        title = f"{name} request unit ({unit.upper()})"
        yield item.used(title, f"1M {unit.upper()}s", usage, rate, per=MILLION)


def _replica(item: Item, region: str, infrequent: str, *, on_demand: bool) -> Component:
    """What is written goes to each replica again, at the price of the replica's region."""
    name = f"Global table ({region or 'region known after apply'})"
    if on_demand:
        rate = item.rate("dynamodb", f"{infrequent}replicated/wru", region=region or None)
        return item.used(name, "1M rWRUs", WRITES, rate, per=MILLION)
    rate = item.rate("dynamodb", f"{infrequent}replicated/wcu", region=region or None).times(HOURS)
    return item.fixed(name, "rWCU", _units(item, "write_capacity"), rate)

"""aws_lb, aws_alb: hours by type, and capacity units."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from infragod.price.item import HOURS, Item, Rate
from infragod.price.recipes.dimension import Dimension
from infragod.resource import UNKNOWN, Basis, Component

NAMES: Final = {"application": "Application", "network": "Network", "gateway": "Gateway"}
# What one capacity unit holds: new connections a second, active connections, GB an hour, rule evaluations a second.
UNITS: Final = {"application": (25, 3000, 1, 1000), "network": (800, 100_000, 1, 0), "gateway": (600, 60_000, 1, 0)}
KEYS: Final = ("new_connections", "active_connections", "processed_bytes_gb", "rule_evaluations")
DIMENSIONS: Final = (
    Dimension("<Type> load balancer", "hours"),
    Dimension("Load balancer capacity units", "LCU", KEYS),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one load balancer."""
    kind = item.text("load_balancer_type", "application")
    if kind is UNKNOWN:
        yield item.hours("Load balancer", item.rate("elb", kind))
        return
    yield item.hours(f"{NAMES.get(str(kind), kind)} load balancer", item.rate("elb", f"{kind}/hours"))
    yield _capacity(item, str(kind), item.rate("elb", f"{kind}/lcu").times(HOURS))


def _capacity(item: Item, kind: str, rate: Rate) -> Component:
    """Capacity units: the dimension that fills most of them is the one that is billed."""
    amounts = [item.usage(key) for key in KEYS]
    if all(amount is None for amount in amounts):
        return item.used("Load balancer capacity units", "LCU", KEYS[2], rate, direct=False)
    new, active, gigabytes, rules = (Decimal(0) if amount is None else amount for amount in amounts)
    given = (new, active, gigabytes / HOURS, rules)
    shares = [amount / unit for amount, unit in zip(given, UNITS.get(kind, UNITS["network"]), strict=True) if unit]
    units = max(shares)
    cost = None if rate.price is None else units * rate.price
    basis = Basis.UNKNOWN if cost is None else Basis.ASSUMED
    note = rate.note or next(note for note in map(item.usage_note, KEYS) if note)
    return Component("Load balancer capacity units", "LCU", units, rate.price, cost, basis, rate.source, note)

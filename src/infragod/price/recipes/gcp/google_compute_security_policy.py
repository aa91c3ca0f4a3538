"""google_compute_security_policy: the month of a policy and of each rule of it; requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

REQUESTS: Final = "monthly_requests"
DEFAULT_RULE: Final = 2147483647  # the priority of the rule that every policy has
DIMENSIONS: Final = (
    Dimension("Security policy", "months"),
    Dimension("Rules", "months"),
    Dimension("Requests", "1M requests", (REQUESTS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one policy."""
    yield item.fixed("Security policy", "months", 1, item.global_rate("armor", "policy"))
    rules = [rule for rule in item.blocks("rule") if rule.raw("priority") != DEFAULT_RULE]
    separate = item.users("google_compute_security_policy_rule")
    if rules or separate:
        yield item.fixed("Rules", "months", len(rules) + len(separate), item.global_rate("armor", "rule"))
    yield item.used("Requests", "1M requests", REQUESTS, item.global_rate("armor", "requests"), per=10**6)

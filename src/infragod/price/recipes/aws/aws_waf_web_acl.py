"""aws_waf_web_acl, aws_wafregional_web_acl: the list, its rules and groups of rules, and requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

REQUESTS: Final = "monthly_requests"
HOME: Final = "us-east-1"  # the region that a list for CloudFront belongs to
DIMENSIONS: Final = (
    Dimension("Web ACL usage", "months"),
    Dimension("Rules", "rules"),
    Dimension("Rule groups", "groups"),
    Dimension("Requests", "1M requests", (REQUESTS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one web ACL."""
    region = item.region or HOME
    yield item.fixed("Web ACL usage", "months", 1, item.rate("waf", "web-acl", region=region))
    rules = [*item.blocks("rules"), *item.blocks("rule")]
    groups = sum(rule.word("type", "REGULAR") == "GROUP" for rule in rules)
    for name, unit, count in (("Rules", "rules", len(rules) - groups), ("Rule groups", "groups", groups)):
        if count:
            yield item.fixed(name, unit, count, item.rate("waf", "rule", region=region))
    yield item.used("Requests", "1M requests", REQUESTS, item.rate("waf", "requests", region=region), per=10**6)

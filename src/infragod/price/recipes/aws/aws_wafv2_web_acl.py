"""aws_wafv2_web_acl: the list, its rules, and requests; rule groups that cost by themselves are unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Attributes, Item, Rate
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

REQUESTS: Final = "monthly_requests"
WITH_FEE: Final = (
    "AWSManagedRulesACFPRuleSet",
    "AWSManagedRulesATPRuleSet",
    "AWSManagedRulesAntiDDoSRuleSet",
    "AWSManagedRulesBotControlRuleSet",
)
DIMENSIONS: Final = (
    Dimension("Web ACL usage", "months"),
    Dimension("Rules", "rules"),
    Dimension("Managed rule group (<name>)", "months"),
    Dimension("Requests", "1M requests", (REQUESTS,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one web ACL; a group of rules counts as a rule of the list."""
    rules = item.blocks("rule")
    yield item.fixed("Web ACL usage", "months", 1, item.rate("waf", "web-acl"))
    if rules:
        yield item.fixed("Rules", "rules", len(rules), item.rate("waf", "rule"))
    for rule in rules:
        yield from _fee(item, rule.block("statement").block("managed_rule_group_statement"))
    yield item.used("Requests", "1M requests", REQUESTS, item.rate("waf", "requests"), per=10**6)


def _fee(item: Item, group: Attributes) -> Iterator[Component]:
    """Groups of the marketplace, and the dearer ones of AWS, have fees of their own."""
    name = group.word("name")
    if group and (name in WITH_FEE or group.word("vendor_name", "AWS") != "AWS"):
        rate = Rate(None, note="this rule group has a fee of its own")
        yield item.fixed(f"Managed rule group ({name})", "months", 1, rate)

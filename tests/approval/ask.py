"""A company's approvals.toml and what is asked of it, in a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from infragod.approval import authority_file
from infragod.approval.authority import Account, Authority
from infragod.approval.needs import Case, Item, needs
from infragod.approval.requests.record import Ask

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TEXT = """
[people."lead of checkout"]
users = ["lead-user"]
tokens = ["lead-checkout"]
aliases = ["lead-on-the-forge"]
mail = "lead@checkout.example"
[people."lead of search"]
users = ["search-user"]
[people.controller]
users = ["controller-user"]
tokens = ["controller"]
[people."financial engineer"]
users = ["engineer-user"]
[roles]
finance = ["controller", "financial engineer"]
[[deputy]]
for = "lead of checkout"
is = "lead of search"
from = 2026-11-10
until = 2026-11-20
[[approve]]
name = "large"
above = "1000"
by = ["finance"]
count = 2
[[approve]]
name = "small"
by = ["team-lead", "finance"]
[waivers]
by = ["finance"]
"""
ITEM = Item("budget-of-owner", "team.checkout", "checkout", "prod")


def law(text: str = TEXT) -> Authority:
    return authority_file.parse(text, "approvals.toml")


def user(name: str) -> Account:
    return Account("user", name)


def case(amount: str = "10", *, complete: bool = True, workspace: str = "shop") -> Case:
    return Case(workspace, Decimal(amount), complete, {"checkout": "lead of checkout"})


def asked(
    *items: Item,
    digest: str = "d1",
    amount: str = "10",
    by: str = "pipeline",
    parts: dict[str, str] | None = None,
    text: str = TEXT,
) -> Ask:
    authority = law(text)
    things = items or (ITEM,)
    return Ask(
        "shop",
        digest,
        things,
        needs(authority, things, case(amount)),
        parts or {"aws_instance.web": "1"},
        frozenset({by}),
        authority.digest,
        authority.pending_days,
    )

"""The page docs/reference/plan-tables.md: what each column of the tables means that rules read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from infragod.resource import PLAN_TABLES

TABLES: Final[Mapping[str, str]] = {
    "plan": "One row: the plan as a whole.",
    "resource": (
        "One row a managed resource, unchanged ones too, and one a deposed object. Data sources and drift are not "
        "here: they are no changes of this plan."
    ),
    "tag": "One row a tag (AWS, Azure) or label (Google) that the resource will carry.",
    "attribute": (
        "One row an attribute that the rule asks for in its header, by name or path (`settings.0.tier`). No row: the "
        "attribute is absent or null. Of a resource that goes, `value` is what it had."
    ),
    "reference": "One row a resource of this plan that the configuration of another one names.",
    "cost": "One row a resource that was priced.",
    "component": "One row a cost dimension of a resource, after the change.",
    "owner": "One row a resource: who pays for it, by its tags and `ownership.toml`.",
    "team": "One row a team that `infragod org import` brought.",
    "service": "One row a service that `infragod org import` brought.",
    "budget": "One row a team that has a budget in the plan's month.",
}

INTRODUCTION: Final = """\
A plan is read once and becomes these tables; a [rule](rules.md) is SQL over them. How a plan becomes rows is told in
[plans](../guides/plans.md). Money is in the currency of the settings, times are UTC."""

_ADDRESS: Final = "Terraform address"
_COST: Final = "cost a month after the change, of what is known; NULL: nothing is known"
_COST_BEFORE: Final = "the same before the change"
_COMPLETE: Final = "false: parts of the cost after the change are not known"
_COMPLETE_BEFORE: Final = "the same before the change"

COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "plan": {
        "workspace": "name of the workspace",
        "today": "date of the check, UTC",
        "month": "its month, YYYY-MM",
        "currency": "ISO 4217 code of all money",
        "changes": "number of resources that change: all but no-op and read",
        "creates": "number of creates and replaces",
        "monthly_cost": "cost a month after the change, of what is known",
        "monthly_cost_before": _COST_BEFORE,
        "complete": _COMPLETE,
        "complete_before": _COMPLETE_BEFORE,
    },
    "resource": {
        "address": f"{_ADDRESS}; twice where a deposed object stands beside the resource",
        "module": "address of its module; empty at the root",
        "type": "Terraform type",
        "name": "name in the configuration",
        "provider": "short name: aws, google (google-beta too), azurerm …",
        "region": "region in the provider's spelling, lower case; of a zone, its region; NULL: see `region_state`",
        "region_state": "known; unknown (until the apply, or the plan does not tell); absent (the type has no region)",
        "action": "create, update, delete, replace (in both orders, and where the old one is forgotten), forget, no-op",
        "action_reason": "Terraform's reason, such as delete_because_no_resource_config; else empty",
        "previous_address": "address before a move; else empty",
        "importing": "true: it exists, and comes under Terraform by this plan",
        "deposed": "true: what a replace left behind, deleted now",
        "taggable": "false: the type has no tags; NULL: the plan can't tell",
        "tags_known": "false: the apply may add tags that are not in `tag`",
    },
    "tag": {
        "address": _ADDRESS,
        "key": "key, as written",
        "value": "value; NULL: known only after the apply. An empty value is a missing tag, and has no row",
    },
    "attribute": {
        "address": _ADDRESS,
        "name": "name or path, as the rule asks for it",
        "state": "known, or unknown: it, or a part of it, is known only after the apply",
        "value": "text as it is; numbers, true and false, lists and maps as JSON; NULL: unknown. "
        "A sensitive value reads `hmac:…`: equal values have equal masks",
        "value_before": "the same before the change; NULL: it was absent, or there was no resource",
    },
    "reference": {
        "address": f"{_ADDRESS} of the one that names the other",
        "attribute": "path of the attribute that names it, such as `launch_template.0.id`",
        "target": f"{_ADDRESS} of the one that is named",
    },
    "cost": {
        "address": _ADDRESS,
        "monthly_cost": f"{_COST}; 0 where it is deleted",
        "monthly_cost_before": f"{_COST_BEFORE}; 0 where it is created",
        "complete": _COMPLETE,
        "complete_before": _COMPLETE_BEFORE,
    },
    "component": {
        "address": _ADDRESS,
        "name": "the dimension, such as `Instance usage`",
        "unit": "what `monthly_quantity` counts",
        "monthly_quantity": "units a month of 730 hours; NULL: unknown",
        "unit_price": "price of one unit; NULL: unknown",
        "monthly_cost": "NULL: unknown, never 0",
        "basis": "fixed (by the plan), assumed (from assumed or measured usage), unknown",
    },
    "owner": {
        "address": _ADDRESS,
        "team": "NULL: not known",
        "service": "NULL: not known",
        "environment": "NULL: not known",
        "cost_centre": "NULL: not known",
        "owner_by": "how the owner is known: which entry of `ownership.toml`",
    },
    "team": {"team": "name", "cost_centre": "its cost centre", "lead": "who leads it"},
    "service": {"service": "name", "team": "the team that owns it"},
    "budget": {
        "team": "name",
        "month": "YYYY-MM",
        "amount": "the budget",
        "spent": "billed so far; NULL: no bill of the month is loaded",
        "forecast": "of the whole month without this plan; NULL: can't be told",
        "held": "encumbered by others",
    },
}


def plan_tables() -> str:
    """The page, from ``PLAN_TABLES``."""
    parts = [
        "# The tables that rules read",
        INTRODUCTION,
    ]
    for table, columns in PLAN_TABLES.items():
        rows = (f"| `{name}` | {kind} | {COLUMNS[table][name]} |" for name, kind in columns.items())
        parts += [f"## {table}", TABLES[table], "\n".join(["| column | type | what it is |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"

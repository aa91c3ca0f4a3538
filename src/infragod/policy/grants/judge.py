"""May this decision be granted now: its verdict and approval, the rules in force, and the budgets with all holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from infragod.budget import store as budget_store
from infragod.budget.holds import Item, OpenItem, pro_rata
from infragod.db.connection import Connection
from infragod.focus import Period, money
from infragod.policy import store as record_store
from infragod.policy.grants import Reason, RefusedError, Terms

BUDGET_RULE: Final = "budget-of-owner"
OLDEST: Final = timedelta(days=1)
_AGAIN: Final = "check the plan again; an equal plan keeps its approvals"

Document = Mapping[str, Any]


def decided(connection: Connection, name: str, terms: Terms, at: datetime) -> Document:
    """The decision's document; ``RefusedError`` where its verdict, its approval or its age stand in the way."""
    found = record_store.get(connection, name)
    if found is None:
        raise RefusedError(Reason.UNKNOWN, f"there is no decision {name}; check the plan first, by `infragod check`")
    if found["local"]:
        raise RefusedError(
            Reason.LOCAL,
            f"decision {found['decision']} was made where no owner, budget or bill is known (LOCAL), so no grant comes "
            "of it; set INFRAGOD_URL to the company's server, or import the organisation by `infragod org import`",
        )
    _verdict(connection, found, at)
    if found["bundle"] != terms.rules:
        raise RefusedError(
            Reason.OUTDATED,
            f"decision {found['decision']} was made by {found['bundle']}, and {terms.rules} are in force; {_AGAIN}",
        )
    if at - datetime.fromisoformat(found["created_at"]) > OLDEST:
        raise RefusedError(Reason.OUTDATED, f"decision {found['decision']} is more than a day old; {_AGAIN}")
    return found


def _verdict(connection: Connection, found: Document, at: datetime) -> None:
    verdict, name = found["verdict"], found["decision"]
    if verdict not in ("deny", "needs_approval") and not found.get("approval"):
        return  # what passed by an approval passes only as long as that is in force
    from infragod.approval import requests

    state = requests.state(connection, name, at=at)
    if verdict == "deny" and state.glass is None:
        rules = ", ".join(sorted({f["rule"] for f in found["findings"] if f["effect"] == "deny"}))
        raise RefusedError(Reason.DENIED, f"decision {name} denies this plan ({rules}); mend it and check it again")
    if state.passes:
        return
    if state.value in ("pending", "none"):
        raise RefusedError(Reason.APPROVAL, f"decision {name} needs approval, and nobody has given it yet")
    raise RefusedError(Reason.REFUSED, f"the approval of decision {name} is {state.value}; mend the plan, or ask anew")


def items(found: Document, open_items: Iterable[OpenItem], terms: Terms) -> list[Item]:
    """What the plan holds of each owning team's budget, resource by resource, pro rata to the month's end.

    Deleting what is held and not billed yet saves nothing of a forecast: its own hold ends with it.
    """
    unbilled = {item.address for item in open_items if item.amount > 0}
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for resource in found["resources"]:
        team, address = resource.get("team"), resource["address"]
        if team is None or (resource["action"] == "delete" and address in unbilled):
            continue
        sums[address, team] += _amount(resource["monthly_cost"]) - _amount(resource["monthly_cost_before"])
    return [Item(address, team, pro_rata(delta, terms.day)) for (address, team), delta in sums.items() if delta]


def budgets(
    connection: Connection, found: Document, asked: Iterable[Item], terms: Terms, at: datetime, besides: Collection[str]
) -> None:
    """``RefusedError`` if the holds of others, opened since the check, leave no room for this plan in a budget.

    What the decision itself found, and let pass or had approved, stays allowed up to the figure it showed.
    """
    month = Period.of(terms.day)
    held = budget_store.held(connection, month, at, besides=besides)
    shares: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in asked:
        shares[item.team] += item.amount
    accepted = _accepted(found)
    for budget in budget_store.budgets(connection, month):
        share = shares.get(budget.team, Decimal(0))
        others = held.get(budget.team, Decimal(0))
        after = (terms.forecasts.get(budget.team) or Decimal(0)) + others + share
        limit = max(budget.amount * terms.budget_percent / 100, accepted.get(budget.team, Decimal(0)))
        if share > 0 and after > limit and terms.stops(budget.team, found["workspace"]):
            over = money(after - limit, budget.currency)
            raise RefusedError(
                Reason.BUDGET,
                f"the budget of {budget.team} for {month} would be passed by {over}: {money(others, budget.currency)} "
                f"of it is held by other grants; {_AGAIN}",
            )


def _accepted(found: Document) -> dict[str, Decimal]:
    """Team to the figure that the decision's finding on its budget showed."""
    judged = {
        f["address"].removeprefix("team.")
        for f in found["findings"]
        if f["rule"] == BUDGET_RULE and f["result"] in ("violation", "waived")
    }
    return {
        line["team"]: Decimal(line["with_change"])
        for line in found["budgets"]
        if line["team"] in judged and line["with_change"] is not None
    }


def _amount(text: str | None) -> Decimal:
    return Decimal(0) if text is None else Decimal(text)

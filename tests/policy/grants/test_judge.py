"""Who gets a grant: by verdict, approval, age, rules in force, and what the budgets still hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.policy.grants.decisions import NOW, budget, decide, held, later, resource, take, terms

from infragod.approval import requests
from infragod.approval.authority import Authority
from infragod.approval.needs import Item, Need
from infragod.approval.requests import store as request_store
from infragod.approval.requests.record import Ask
from infragod.db.connection import Database
from infragod.policy.grants import Reason, RefusedError
from infragod.resource import Level


def reason(database: Database, decision: str, **more: Any) -> tuple[Reason, str]:
    with pytest.raises(RefusedError) as caught:
        take(database, decision, **more)
    assert "\n" not in str(caught.value)
    return caught.value.reason, str(caught.value)


def finding(effect: str = "deny", rule: str = "allowed-regions", address: str = "a.b", **more: str) -> dict[str, str]:
    return {"rule": rule, "level": "mandatory", "address": address, "result": "violation", "effect": effect} | more


def test_no_grant_without_a_decision(database: Database) -> None:
    assert reason(database, "ZZZZ-ZZZZ") == (
        Reason.UNKNOWN,
        "there is no decision ZZZZ-ZZZZ; check the plan first, by `infragod check`",
    )


def test_no_grant_on_what_was_decided_without_knowing_the_company(database: Database) -> None:
    assert reason(database, decide(database, local=True))[0] is Reason.LOCAL


def test_no_grant_on_a_denied_plan(database: Database) -> None:
    name = decide(database, verdict="deny", findings=[finding(), finding("warn", "old-generation")])
    assert reason(database, name) == (
        Reason.DENIED,
        f"decision {name} denies this plan (allowed-regions); mend it and check it again",
    )


def test_no_grant_by_rules_that_are_no_longer_in_force_or_a_day_later(database: Database) -> None:
    name = decide(database)
    assert "a day old" in reason(database, name, at=later(days=1, seconds=1))[1]
    old = decide(database, bundle="bundle 0 (10 rules)")
    assert reason(database, old)[0] is Reason.OUTDATED


def approval(database: Database, decision: str, state: str) -> None:
    """A request for the decision, in that state."""
    ask = Ask(
        "shop", "d" * 64, (Item("r", "a.b"),), (Need("c", ("lead",), 1, ("r",)),), {}, frozenset({"pipeline"}), "p", 7
    )
    with database.begin() as connection:
        found = requests.attach(connection, ask, Authority(), NOW)
        requests.belongs(connection, found, decision)
        assert found.request is not None
        request_store.change(connection, found.request.number, state=state)


@pytest.mark.parametrize(
    ("state", "why"),
    [("pending", Reason.APPROVAL), ("refused", Reason.REFUSED), ("void", Reason.REFUSED), ("approved", None)],
)
@pytest.mark.parametrize("verdict", ["needs_approval", "warn"])
def test_an_approval_must_be_in_force_at_the_grant(
    database: Database, state: str, why: Reason | None, verdict: str
) -> None:
    name = decide(database, verdict=verdict, approval={"state": "approved"} if verdict == "warn" else None)
    approval(database, name, state)
    if why is None:
        assert take(database, name).grant.decision == name
    else:
        assert reason(database, name)[0] is why


def test_nobody_was_asked_yet(database: Database) -> None:
    assert reason(database, decide(database, verdict="needs_approval"))[0] is Reason.APPROVAL


def test_the_second_of_two_that_fit_singly_is_refused(database: Database) -> None:
    budget(database, "100")
    one = decide(database, resource("web", "120.00"), workspace="one")
    two = decide(database, resource("web", "100.00"), workspace="two")
    assert take(database, one).held == {"checkout": Decimal(60)}
    why, said = reason(database, two)
    assert why is Reason.BUDGET
    assert said.startswith(
        "the budget of checkout for 2026-11 would be passed by $10.00: $60.00 of it is held by other grants;"
    )
    assert take(database, two, at=later(hours=1)).held == {"checkout": Decimal(50)}  # the first was not used in time


def test_the_last_dollar_may_be_taken(database: Database) -> None:
    budget(database, "50")
    assert take(database, decide(database, resource("web", "100.00"))).held == {"checkout": Decimal(50)}


def test_the_forecast_counts_where_it_is_known(database: Database) -> None:
    budget(database, "100")
    name = decide(database, resource("web", "100.00"))
    assert reason(database, name, law=terms(forecasts={"checkout": Decimal("50.01")}))[0] is Reason.BUDGET
    assert take(database, name, law=terms(forecasts={"checkout": Decimal(50)})).held


def test_what_was_found_and_let_pass_stays_allowed_up_to_its_figure(database: Database) -> None:
    budget(database, "10")
    line = {"team": "checkout", "month": "2026-11", "amount": "10.00", "with_change": "50.00"}
    passed = finding("warn", "budget-of-owner", "team.checkout")
    name = decide(database, resource("web", "100.00"), verdict="warn", findings=[passed], budgets=[line])
    assert take(database, name).held == {"checkout": Decimal(50)}
    other = decide(database, resource("web", "100.00"), workspace="b", findings=[passed], budgets=[line])
    assert reason(database, other)[0] is Reason.BUDGET


@pytest.mark.parametrize("level", [None, Level.ADVISORY])
def test_where_the_rule_on_budgets_only_warns_the_hold_is_opened_all_the_same(
    database: Database, level: Level | None
) -> None:
    budget(database, "1")
    assert take(database, decide(database, resource("web", "100.00")), law=terms(budget_level=level)).held


def test_per_cent_of_the_rule(database: Database) -> None:
    budget(database, "100")
    law = terms(budget_percent=Decimal(40))
    assert reason(database, decide(database, resource("web", "100.00")), law=law)[0] is Reason.BUDGET


def test_savings_and_what_is_nobody_s_hold_nothing(database: Database) -> None:
    budget(database, "0")
    smaller = resource("web", "10.00", "30.00", "update")
    nobody = resource("x", "99.00", team=None)
    unknown = resource("y", "0.00") | {"monthly_cost": None}
    assert take(database, decide(database, smaller, nobody, unknown)).held == {}
    assert held(database) == {}


def test_each_owner_is_charged_its_own(database: Database) -> None:
    name = decide(database, resource("a", "10.00"), resource("b", "20.00", team="search"), resource("a", "4.00"))
    assert take(database, name).held == {"checkout": Decimal(7), "search": Decimal(10)}

"""The whole flow of the gate on a real home: rules, prices, owners, budgets, record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from infragod import gate
from infragod import settings as settings_module
from infragod.budget import store as budget_store
from infragod.budget.budgets import Budget
from infragod.db import audit
from infragod.focus import Period
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Service, Team
from infragod.policy import context, rules
from infragod.policy import store as record_store
from infragod.policy.bundle import Content
from infragod.policy.bundle import store as bundle_store
from infragod.policy.decision import Decision, document
from infragod.resource import Verdict
from infragod.terraform.estate import store as estate_store
from infragod.terraform.estate.store import Source
from infragod.terraform.plan import parse
from infragod.terraform.state import State
from tests.gate import plans

TODAY = date(2026, 11, 16)  # the first of the last fifteen days of a month of thirty
OWNED = {"team": "checkout", "service": "cart", "environment": "prod"}


@pytest.fixture
def house(home: Path) -> Iterator[gate.House]:
    with gate.House.open(settings_module.load()) as opened:
        yield opened


def known(house: gate.House, amount: str = "1000") -> None:
    """A team with a service and a budget."""
    with house.database.begin() as connection:
        org_store.replace(
            connection, Organisation((Team("checkout", "cc-1", "lead of checkout"),), (Service("cart", "checkout"),))
        )
        budget_store.save(connection, [Budget("checkout", Period.of(TODAY), Decimal(amount), "USD")])


def ask(house: gate.House, *changes: dict[str, object], record: bool = True) -> Decision:
    request = gate.CheckRequest(plans.plan(*changes), "plan.json", "shop", "pipeline", TODAY, record=record)
    return gate.check(request, house)


def rules_file(text: str) -> None:
    Path("infragod.toml").write_text(text, encoding="utf-8")


def test_where_nothing_is_known_rules_and_prices_decide_alone(house: gate.House) -> None:
    decision = ask(house, plans.server(**OWNED))
    assert decision.local
    assert decision.counts == {"create": 1}
    assert decision.estimate.monthly_cost > 0
    assert decision.budgets == []


def test_a_team_with_a_budget_makes_the_decision_the_company_s(house: gate.House) -> None:
    known(house)
    decision = ask(house, plans.server(**OWNED))
    (line,) = decision.budgets
    assert not decision.local
    assert (line.team, line.month, line.amount) == ("checkout", "2026-11", Decimal(1000))
    assert (line.spent, line.forecast, line.with_change) == (None, None, None)  # no bill is loaded: unknown, not zero


def test_a_decision_is_kept_with_its_document_and_in_the_audit_log(house: gate.House) -> None:
    decision = ask(house, plans.server(**OWNED))
    with house.database.read() as connection:
        kept = record_store.get(connection, decision.id)
        (line,) = record_store.recent(connection)
        assert audit.verify(connection).whole
    assert kept == document(decision)
    assert (line.id, line.workspace, line.verdict) == (decision.id, "shop", decision.verdict.value)


def test_what_is_not_to_be_recorded_is_not(house: gate.House) -> None:
    decision = ask(house, plans.server(**OWNED), record=False)
    with house.database.read() as connection:
        assert record_store.recent(connection) == []
    assert (decision.id, decision.url) == ("", "")


def test_a_rule_of_the_settings_denies(home: Path) -> None:
    rules_file('[rules.allowed-instance-types]\nlevel = "mandatory"\ntypes = ["t3.*"]\n')
    with gate.House.open(settings_module.load()) as house:
        assert ask(house, plans.server(**OWNED)).verdict is not Verdict.DENY
        denied = ask(house, plans.server(kind="p4d.24xlarge", **OWNED))
    assert denied.verdict is Verdict.DENY
    assert ("allowed-instance-types", "aws_instance.web") in [(f.rule, f.address) for f in denied.findings]


def test_unknown_tags_are_neither_a_pass_nor_a_violation(home: Path) -> None:
    rules_file('[rules.mandatory-tags]\nlevel = "mandatory"\nunknown = "approve"\n')
    web = plans.change("aws_instance.web", ["create"], None, {"instance_type": "t3.micro"}, {"tags_all": True})
    with gate.House.open(settings_module.load()) as house:
        decision = ask(house, web)
    assert decision.verdict is Verdict.NEEDS_APPROVAL
    assert {f.result.value for f in decision.findings if f.rule == "mandatory-tags"} == {"unknown"}


def test_no_secret_of_a_plan_is_in_the_decision(house: gate.House) -> None:
    secret = {"engine": "mysql", "instance_class": "db.t3.micro", "password": "hunter2-hunter2", "tags_all": OWNED}
    decision = ask(house, plans.change("aws_db_instance.db", ["create"], None, secret, None, {"password": True}))
    assert "hunter2" not in str(document(decision))
    assert "hunter2" not in repr(decision)


def test_a_published_bundle_is_in_force_at_once(house: gate.House) -> None:
    before = house.in_force().rules.label
    tables = {"allowed-regions": {"level": "mandatory", "regions": ["eu-west-1"]}}
    content = Content(tables, {}, rules.built_in(), {})
    with house.database.begin() as connection:
        bundle_store.publish(connection, content, "financial engineer")
    decision = ask(house, plans.server(**OWNED))
    assert "bundle 1" in decision.bundle
    assert before != decision.bundle
    assert decision.verdict is Verdict.DENY


def test_a_link_is_given_only_where_people_can_follow_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFRAGOD_PUBLIC_URL", "https://infragod.example/")
    with gate.House.open(settings_module.load()) as house:
        decision = ask(house, plans.server(**OWNED))
    assert decision.url == f"https://infragod.example/decisions/{decision.id}"


def test_owners_by_workspace_and_by_repository(home: Path) -> None:
    Path("ownership.toml").write_text(
        '[[rule]]\nrepository = "example/*"\nteam = "checkout"\n[[rule]]\nworkspace = "shop*"\nservice = "cart"\n'
    )
    with gate.House.open(settings_module.load()) as house:
        known(house)
        request = gate.CheckRequest(plans.plan(plans.server()), "p", "shop-prod", "pipeline", TODAY)
        assert gate.check(request, house).teams == {}
        asked = replace(request, change_request="example/infra#7")
        assert gate.check(asked, house).teams == {"aws_instance.web": "checkout"}
        change = parse(request.document, "p", house.mask_key)
        owner = context.owners(change, house.in_force().ownership, "shop-prod")["aws_instance.web"]
        assert (owner.team, owner.service, owner.owner_by) == (None, "cart", None)


def test_the_repository_that_the_state_is_of_goes_before_what_the_asker_says(home: Path) -> None:
    Path("ownership.toml").write_text('[[rule]]\nrepository = "git.example.com/infra"\nteam = "checkout"\n')
    with gate.House.open(settings_module.load()) as house:
        known(house)
        found = Source("shop", "git.example.com/other", "p", datetime(2026, 11, 1, tzinfo=UTC), "d")
        with house.database.begin() as connection:
            estate_store.learn(connection, found, State("l", 1, "1.13", ()), datetime.now(UTC))
        asked = "https://git.example.com/infra/pull/7"
        request = gate.CheckRequest(plans.plan(plans.server()), "p", "shop", "ci", TODAY, change_request=asked)
        assert gate.check(request, house).teams == {}

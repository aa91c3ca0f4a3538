"""The friction of a month from real records, on SQLite and on PostgreSQL; what people read of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection
from tests.approval.ask import asked, law, user

from infragod.approval import requests
from infragod.approval.needs import Item
from infragod.approval.requests import store as approvals
from infragod.approval.requests.record import Glass
from infragod.db.connection import Database
from infragod.focus import Period
from infragod.policy import store as record_store
from infragod.policy.friction import render, store
from infragod.terraform import state
from infragod.terraform.estate import store as estate

OCTOBER = Period(2026, 10)
BEGIN = datetime(2026, 10, 5, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def decide(connection: Connection, hours: float, verdict: str, delta: str, **more: Any) -> str:
    """The id of a decision that was recorded `hours` after the beginning."""
    findings = [
        {"rule": rule, "level": level, "result": result}
        for rule, level, result in more.pop("found", [("mandatory-tags", "mandatory", "violation")])
    ]
    content = {
        "workspace": "shop",
        "verdict": verdict,
        "actor": "pipeline",
        "bundle": "bundle 1",
        "local": False,
        "plan_digest": "d1",
        "currency": "USD",
        "complete": True,
        "created_at": (BEGIN + timedelta(hours=hours)).isoformat(),
        "monthly_cost": "1.00",
        "monthly_delta": delta,
        "findings": findings,
        "budgets": [],
        "unknown": [],
        "resources": [],
    }
    change = more.pop("change", "")
    return record_store.record(connection, content | more, change_request=change)


def approve(connection: Connection, name: str, hours: float, minutes: float | None, digest: str) -> None:
    """Ask for the approval of a decision, and give it after so many minutes."""
    at = BEGIN + timedelta(hours=hours)
    state = requests.attach(connection, asked(Item("cost-of-change", "plan", "checkout", ""), digest=digest), law(), at)
    requests.belongs(connection, state, name)
    if minutes is not None:
        said = at + timedelta(minutes=minutes)
        requests.answer(connection, name, user("lead-user"), "grant", law(), via="page", at=said)


DEAR = [("cost-of-change", "approval", "violation")]


def october(connection: Connection) -> None:
    """A month: denied and shrunk, approved after ten minutes, still waiting, waived, broken, withdrawn."""
    decide(connection, 0, "deny", "500", change="shop!1", plan_digest="a")
    decide(connection, 1, "deny", "450", change="shop!1", plan_digest="b")
    decide(connection, 2, "allow", "120.5", change="shop!1", plan_digest="c", found=[])
    name = decide(connection, 3, "needs_approval", "300", change="shop!2", plan_digest="e", found=DEAR)
    approve(connection, name, 3, 10, "e")
    name = decide(connection, 4, "needs_approval", "70", change="shop!3", plan_digest="f", found=DEAR)
    approve(connection, name, 24 * 22, None, "f")
    decide(connection, 5, "warn", "9", plan_digest="g", found=[("old-generation", "advisory", "violation")])
    decide(connection, 6, "warn", "9", plan_digest="h", found=[("mandatory-tags", "mandatory", "waived")])
    name = decide(connection, 7, "deny", "40", change="shop!4", plan_digest="i")
    at = BEGIN + timedelta(hours=8)
    approvals.add_glass(connection, Glass(name, "shop", "i", "lead", "the shop burns", at, at + timedelta(1)), name)
    decide(
        connection, 9, "deny", "0", plan_digest="j", complete=False, unknown=["aws_s3_bucket.a"],
        resources=[
            {"address": "aws_s3_bucket.a", "action": "create", "monthly_cost": None, "monthly_cost_before": "0.00"},
            {"address": "aws_instance.b", "action": "create", "monthly_cost": "12.25", "monthly_cost_before": "0.00"},
        ],
    )  # fmt: skip
    decide(connection, 24 * 40, "deny", "1000", change="shop!1", plan_digest="k")  # in November


def test_a_month(database: Database, golden: Callable[[str, str], None]) -> None:
    with database.begin() as connection:
        october(connection)
    with database.read() as connection:
        found = store.month(connection, OCTOBER, NOW)
        assert store.months(connection) == [Period(2026, 11), OCTOBER]
    assert dict(found.verdicts) == {"deny": 4, "allow": 1, "warn": 2, "needs_approval": 2}
    assert (found.waits.count, found.waits.median, found.waiting) == (2, Decimal(10), 0)
    assert dict(found.answered) == {"approved": 1, "expired": 1}
    rules = {r.rule: (r.judged, r.approved, r.waived, r.broken, r.overturned, r.warned) for r in found.rules}
    assert rules == {
        "mandatory-tags": (4, 0, 1, 1, 2, 0),
        "cost-of-change": (2, 1, 0, 0, 1, 0),
        "old-generation": (0, 0, 0, 0, 0, 1),
    }
    ends = [(c.change_request, c.state, c.prevented, c.unknown, c.checks) for c in found.changes]
    assert ends == [
        ("shop!1", "passed", Decimal("379.5"), 0, 3),
        ("shop!2", "passed", 0, 0, 1),
        ("shop!3", "withdrawn", 70, 0, None),
        ("shop!4", "passed", 0, 0, 1),
        ("", "withdrawn", Decimal("12.25"), 1, None),
    ]
    assert found.prevented == {"USD": Decimal("461.75")}


def test_what_people_read_of_it(database: Database, golden: Callable[..., None]) -> None:
    with database.begin() as connection:
        october(connection)
    with database.read() as connection:
        found = store.month(connection, OCTOBER, NOW)
        nothing = store.month(connection, Period(2026, 8), NOW)
    text = render.text(OCTOBER, found)
    for name in sorted({c.first for c in found.changes}):
        text = text.replace(name, "7F3K-0000")
    golden("month.txt", text + "\n")
    golden("nothing.txt", render.text(Period(2026, 8), nothing) + "\n")
    document = render.document(OCTOBER, found)
    assert document["prevented"] == {"USD": "461.75"}
    assert document["waited"]["ended"] == {"approved": 1, "expired": 1}


def test_a_denied_resource_that_a_state_holds_since_went_round_the_gate(database: Database) -> None:
    wanted = {"address": "aws_instance.b", "action": "create", "monthly_cost": "40.00", "monthly_cost_before": "0.00"}
    there = state.StateResource("aws_instance.b", "", "aws_instance", "aws", ("i-1",), (), {})
    read = state.State("l", 1, "1.13.4", (there,))
    written = BEGIN + timedelta(days=2)
    with database.begin() as connection:
        decide(connection, 0, "deny", "40", plan_digest="a", resources=[wanted])
        decide(connection, 1, "deny", "7", plan_digest="b", workspace="net", resources=[wanted])
        estate.learn(connection, estate.Source("shop", None, "here", written, "d"), read, written)
        found = store.month(connection, OCTOBER, NOW)
    assert [(c.workspace, c.state, c.prevented) for c in found.changes] == [
        ("shop", "round", Decimal(0)),
        ("net", "withdrawn", Decimal(7)),
    ]


def test_what_still_waits_is_counted_apart(database: Database) -> None:
    with database.begin() as connection:
        name = decide(connection, 0, "needs_approval", "10", plan_digest="z", found=DEAR)
        approve(connection, name, 0, None, "z")
    with database.read() as connection:
        found = store.month(connection, OCTOBER, BEGIN + timedelta(hours=2))
    assert (found.waits.count, found.waiting, dict(found.answered)) == (0, 1, {})
    assert [(r.rule, r.waiting) for r in found.rules] == [("cost-of-change", 1)]
    assert "1 still waiting" in render.text(OCTOBER, found)
    assert found.changes[0].state == "open"

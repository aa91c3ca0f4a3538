"""What the gate had said of an address, from real decisions, approvals, grants and broken glass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.approval.ask import asked, law, user
from tests.policy.grants.decisions import NOW, decide, resource, take
from tests.postgres import database, postgres, where

from infragod.approval import requests
from infragod.approval.requests import store as approvals
from infragod.approval.requests.record import Glass
from infragod.db.connection import Database
from infragod.policy import passage
from infragod.policy.grants import Summary
from infragod.policy.grants import store as grants
from infragod.policy.passage import Passage, store

__all__ = ["database", "postgres", "where"]
LATER = NOW + timedelta(minutes=5)


def said(database: Database, *names: str, workspace: str = "shop") -> list[tuple[str, str, datetime]]:
    with database.read() as connection:
        places = [(workspace, f"aws_instance.{name}") for name in names]
        found = store.passages(connection, places, NOW - timedelta(days=1), NOW + timedelta(days=1))
    return [(p.address.removeprefix("aws_instance."), p.said, p.at) for p in found]


def test_a_decision_lets_pass_what_it_makes_and_nothing_else(database: Database) -> None:
    decide(database, resource("a", "1"), resource("b", "1", action="replace"), resource("c", "1", action="update"))
    decide(database, resource("a", "1"), workspace="net")
    decide(database, resource("d", "1"), created_at=(NOW - timedelta(days=2)).isoformat())
    assert said(database, "a", "b", "c", "d", "e") == [("a", "decision", NOW), ("b", "decision", NOW)]
    assert said(database) == []


def test_a_grant_that_was_used_is_more_than_a_decision(database: Database) -> None:
    name = decide(database, resource("a", "1"))
    token = take(database, name).token
    assert said(database, "a") == [("a", "decision", NOW)]
    with database.begin() as connection:
        grants.claim(connection, token, workspace="shop", lineage="l", serial=7, lock_id="lock", at=LATER)
        grants.finish(connection, "lock", Summary(applied=True), at=LATER + timedelta(minutes=1))
    assert said(database, "a") == [("a", "decision", NOW), ("a", "grant", LATER)]


def test_a_denial_stays_one_until_somebody_lets_it_pass(database: Database) -> None:
    denied = decide(database, resource("a", "1"), verdict="deny")
    waits = decide(database, resource("b", "1"), verdict="needs_approval", plan_digest="d1")
    with database.begin() as connection:
        state = requests.attach(connection, asked(digest="d1"), law(), NOW)
        requests.belongs(connection, state, waits)
    assert said(database, "a", "b") == [("a", "denied", NOW), ("b", "denied", NOW)]
    with database.begin() as connection:
        requests.answer(connection, waits, user("lead-user"), "grant", law(), via="page", at=LATER)
        until = LATER + timedelta(hours=4)
        approvals.add_glass(connection, Glass(denied, "shop", "d" * 64, "lead", "it burns", LATER, until), denied)
    assert said(database, "a", "b") == [
        ("a", "denied", NOW),
        ("a", "break-glass", LATER),
        ("b", "denied", NOW),
        ("b", "decision", LATER),
    ]


def test_columns_of_passages_are_those_of_the_engine() -> None:
    found = passage.columns(
        [Passage("shop", "aws_instance.a", "grant", datetime(2026, 10, 1, tzinfo=UTC), "7F3K-0000")]
    )
    assert found.keys() == passage.COLUMNS.keys()
    assert found["at"] == ["2026-10-01T00:00:00+00:00"]

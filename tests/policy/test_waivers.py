"""Waivers on SQLite and PostgreSQL: what they cover, who agrees, when they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.approval.ask import TEXT, law, user
from tests.postgres import database, postgres, where

from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.policy import waivers
from infragod.policy.decide import decide
from infragod.policy.render.fold import folds
from infragod.policy.waivers import Proposal, store
from infragod.policy.waivers.waiver import Waiver
from infragod.resource import Finding, Level, Result, Verdict

__all__ = ["database", "postgres", "where"]

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
TODAY = NOW.date()
PROPOSAL = Proposal("mandatory-tags", "module.legacy.*", "shop-*", "moves in spring", "checkout", "lead-user", TODAY)
WAIVER = Waiver(
    7,
    "mandatory-tags",
    "aws_instance.web[*]",
    "shop",
    "moves",
    "checkout",
    "author",
    NOW,
    TODAY,
    "controller",
    None,
    "",
)
FINDING = Finding(
    "mandatory-tags", Level.MANDATORY, "aws_instance.web[0]", Result.VIOLATION, "lacks service", "", Verdict.DENY
)


def add(database: Database, level: Level = Level.MANDATORY, **more: object) -> Waiver:
    with database.begin() as connection:
        proposal = replace(PROPOSAL, **{"until": TODAY + timedelta(days=90), **more})  # type: ignore[arg-type]
        return waivers.add(connection, proposal, level, NOW)


def agree(database: Database, who: str, text: str = TEXT, name: str = "W1") -> Waiver:
    with database.begin() as connection:
        return waivers.approve(connection, name, user(who), law(text), NOW)


def applied(waiver: Waiver, finding: Finding = FINDING, workspace: str = "shop", today: date = TODAY) -> Finding:
    (found,) = waivers.apply([finding], [waiver], workspace, today)
    return found


def test_what_is_covered_stays_and_counts_no_more() -> None:
    found = applied(WAIVER)
    assert found.result is Result.WAIVED
    assert decide([found]) is Verdict.ALLOW
    assert found.waiver is not None
    assert (found.waiver.id, found.waiver.until, found.waiver.days_left) == ("W7", TODAY, 0)


@pytest.mark.parametrize(
    ("waiver", "finding", "workspace"),
    [
        (replace(WAIVER, until=TODAY - timedelta(days=1)), FINDING, "shop"),
        (replace(WAIVER, ended_at=NOW), FINDING, "shop"),
        (replace(WAIVER, approved_by=""), FINDING, "shop"),
        (replace(WAIVER, approved_by="author"), FINDING, "shop"),  # was advisory when its author alone agreed
        (replace(WAIVER, rule="other"), FINDING, "shop"),
        (WAIVER, replace(FINDING, address="aws_instance.web"), "shop"),
        (WAIVER, FINDING, "shop-2"),
    ],
)
def test_what_is_not_covered_is_as_it_was(waiver: Waiver, finding: Finding, workspace: str) -> None:
    assert applied(waiver, finding, workspace) == finding


def test_an_advisory_finding_needs_nobody_else() -> None:
    assert applied(replace(WAIVER, approved_by="author"), replace(FINDING, level=Level.ADVISORY)).waiver


def test_days_left_are_told_in_the_last_fourteen() -> None:
    for left, told in ((15, None), (14, 14), (1, 1)):
        found = applied(replace(WAIVER, until=TODAY + timedelta(days=left)))
        assert found.waiver is not None
        assert found.waiver.days_left == told


@pytest.mark.parametrize(
    ("left", "said"), [(None, "(W7"), (0, "(its last day; W7"), (1, "(1 day left; W7"), (9, "(9 days left; W7")]
)
def test_every_output_names_the_last_day(left: int | None, said: str) -> None:
    waiver = {"id": "W7", "until": "2027-01-10", "owner": "checkout", "reason": "moves", "days_left": left}
    row = {"rule": "r", "effect": "deny", "result": "waived", "message": "bad", "mend": "", "address": "a"}
    (fold,) = folds([row | {"waiver": waiver}])
    assert fold.label == "waived"
    assert fold.message == f"bad; waived until 2027-01-10 {said} of checkout: moves)"


def test_a_waiver_of_a_mandatory_rule_waits_for_somebody_else(database: Database) -> None:
    made = add(database)
    assert (made.id, made.state(TODAY)) == ("W1", "proposed")
    agreed = agree(database, "controller-user")
    assert (agreed.approved_by, agreed.state(TODAY)) == ("controller", "open")
    with pytest.raises(InputError, match="agreed to by controller already"):
        agree(database, "engineer-user")
    with database.read() as connection:
        assert [e.kind for e in audit.entries(connection, limit=9)] == ["waiver.approved", "waiver.added"]
        assert audit.verify(connection).whole


@pytest.mark.parametrize(
    ("author", "who", "said"),
    [
        ("controller-user", "controller-user", "controller proposed waiver W1"),
        ("controller", "controller-user", "controller proposed waiver W1"),
        ("x", "lead-user", "may not agree to waivers"),
        ("x", "root", "user root is nobody"),
    ],
)
def test_who_may_not_agree(database: Database, author: str, who: str, said: str) -> None:
    add(database, author=author)
    with pytest.raises(InputError, match=said):
        agree(database, who)


def test_a_deputy_of_the_author_may_not_agree_by_the_author_s_power(database: Database) -> None:
    text = TEXT.replace('for = "lead of checkout"', 'for = "controller"')
    add(database, author="controller-user")
    with pytest.raises(InputError, match="may not agree"):
        agree(database, "search-user", text)
    add(database, author="x")
    assert agree(database, "search-user", text, "w2").approved_by == "lead of search"


def test_somebody_must_be_named_to_agree(database: Database) -> None:
    add(database)
    with pytest.raises(InputError, match=r"\[waivers\] by"):
        agree(database, "controller-user", "[people.controller]\nusers = ['controller-user']\n")


def test_one_of_an_advisory_rule_is_in_force_at_once(database: Database) -> None:
    assert add(database, Level.ADVISORY).state(TODAY) == "open"
    assert add(database, Level.ADVISORY, until=TODAY + timedelta(days=14)).state(TODAY) == "ending"
    assert add(database, Level.APPROVAL).state(TODAY) == "proposed"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"until": TODAY - timedelta(days=1)}, "is past"),
        ({"until": TODAY + timedelta(days=181)}, "180 days at most"),
        ({"reason": " "}, "needs a reason"),
        ({"owner": ""}, "needs a owner"),
        ({"address": "a\nb"}, "needs a address"),
        ({"workspace": "x" * 2001}, "needs a workspace"),
    ],
)
def test_what_is_wrong_is_one_sentence(database: Database, more: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        add(database, **more)  # type: ignore[arg-type]
    with database.read() as connection:
        assert store.everyone(connection) == []


def test_an_ended_waiver_covers_nothing_and_is_kept(database: Database) -> None:
    add(database, Level.ADVISORY)
    with database.begin() as connection:
        assert store.end(connection, "w1", "controller", NOW).state(TODAY) == "ended"
        with pytest.raises(InputError, match="was ended on 2026-11-16 by controller"):
            store.end(connection, "W1", "controller")
    with database.read() as connection:
        assert store.current(connection, TODAY) == []
        assert len(store.everyone(connection)) == 1
        for name in ("W9", "x", "", "W" + "9" * 30):
            with pytest.raises(InputError, match="there is no waiver"):
                store.get(connection, name)
    with pytest.raises(InputError, match="ended already"):
        agree(database, "controller-user")

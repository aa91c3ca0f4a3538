"""Rules that were overturned too often propose their demotion, once, to their owner; nothing changes by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.policy.friction.test_store import BEGIN, DEAR, approve, decide
from tests.postgres import database, postgres, where

from infragod.cli.main import main
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError, SetupError
from infragod.policy import rules
from infragod.policy.proposals import Terms, look, store
from infragod.policy.rules import Rule
from infragod.resource import Level
from infragod.settings import Settings

__all__ = ["database", "postgres", "where"]
NOW = BEGIN + timedelta(days=30)
TERMS = Terms(findings=4, percent=50, days=60, pause=60)
OWNED = {"rules": {"cost-of-change": {"level": "approval", "owner": "platform"}}}


@pytest.fixture(scope="session")
def law() -> tuple[Rule, ...]:
    """The built-in rules, one of them with an owner."""
    return rules.load(Settings(tables=OWNED)).all


def overturned(database: Database, approved: int, stopped: int, first: int = 0) -> None:
    """So many changes stopped by cost-of-change, and some of them approved."""
    with database.begin() as connection:
        for n in range(first, first + stopped):
            name = decide(connection, n, "needs_approval", "10", change=f"shop!{n}", plan_digest=f"p{n}", found=DEAR)
            decide(connection, n + 0.5, "needs_approval", "10", change=f"shop!{n}", plan_digest=f"p{n}", found=DEAR)
            approve(connection, name, n, 5 if n - first < approved else None, f"p{n}")


def proposed(database: Database, law: tuple[Rule, ...], days: float = 0, terms: Terms = TERMS) -> list[str]:
    with database.begin() as connection:
        found = look.look(connection, law, terms, NOW + timedelta(days=days))
    return [f"{p.id} {p.rule} {p.level} {p.proposed} {p.owner} {p.overturned}/{p.judged}" for p in found]


def test_it_takes_enough_changes_and_more_than_half_of_them(database: Database, law: tuple[Rule, ...]) -> None:
    overturned(database, 2, 3)
    assert proposed(database, law) == []  # too few
    overturned(database, 0, 1, first=3)
    assert proposed(database, law) == []  # half of them is not more than half
    overturned(database, 1, 1, first=4)
    assert proposed(database, law) == ["P1 cost-of-change approval advisory platform 3/5"]
    assert proposed(database, law) == []  # it waits for its answer
    with database.read() as connection:
        (entry,) = audit.entries(connection, kind="rule.proposed")
    assert (entry.details["owner"], entry.details["judged"], entry.details["proposal"]) == ("platform", 5, "P1")


def test_a_rejection_needs_a_reason_and_is_heeded_for_a_while(database: Database, law: tuple[Rule, ...]) -> None:
    overturned(database, 4, 4)
    assert proposed(database, law)
    with database.begin() as connection:
        with pytest.raises(InputError, match="a rejection needs a reason"):
            store.answer(connection, "p1", "rejected", "lead", "  ")
        done = store.answer(connection, "p1", "rejected", "lead", "the audit wants it", NOW)
        assert (done.state, done.answered_by, done.reason) == ("rejected", "lead", "the audit wants it")
        with pytest.raises(InputError, match="P1 is rejected already"):
            store.answer(connection, "P1", "accepted", "lead")
        with pytest.raises(InputError, match="there is no proposal 'P9'"):
            store.get(connection, "P9")
    assert proposed(database, law, 10) == []
    assert proposed(database, law, 61, replace(TERMS, days=200)) == ["P2 cost-of-change approval advisory platform 4/4"]


def test_a_proposal_is_void_once_the_rule_has_another_level(database: Database, law: tuple[Rule, ...]) -> None:
    overturned(database, 4, 4)
    assert proposed(database, law)
    milder = tuple(replace(rule, level=Level.ADVISORY) if rule.id == "cost-of-change" else rule for rule in law)
    assert proposed(database, milder) == []
    with database.read() as connection:
        assert [(p.id, p.state) for p in store.recent(connection, answered=True)] == [("P1", "void")]
        assert store.recent(connection) == []


def test_an_accepted_one_prints_what_to_write(
    folder: Callable[..., Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    toml = "demotion_findings = 2\ndemotion_percent = 0\ndemotion_days = 3650\n[rules.cost-of-change]\n"
    settings = folder(toml + 'level = "approval"\nowner = "platform"\n')
    with Database.open(settings) as opened:
        overturned(opened, 1, 2)
    assert main(["rules", "proposals"]) == 0
    assert "P1    cost-of-change  approval → advisory: 1 of 2 overturned" in capsys.readouterr().out
    assert main(["rules", "proposals", "accept"]) == 2
    assert "name the proposal: infragod rules proposals accept P1" in capsys.readouterr().err
    assert main(["rules", "proposals", "accept", "P1"]) == 0
    said = capsys.readouterr().out
    assert said.endswith('infragod bundle publish:\n\n[rules.cost-of-change]\nlevel = "advisory"\n\n')
    assert main(["rules", "proposals"]) == 0
    assert capsys.readouterr().out == "no rule proposes its own demotion\n"
    assert main(["rules", "proposals", "--all", "--format", "json"]) == 0
    assert '"state": "accepted"' in capsys.readouterr().out
    assert main(["rules", "explain", "cost-of-change"]) == 0
    assert "owner    platform" in capsys.readouterr().out


def test_an_owner_is_a_name(folder: Callable[..., Settings]) -> None:
    settings = folder('[rules.cost-of-change]\nowner = ""\n')
    with pytest.raises(SetupError, match="owner is ''; it is the name of a team or a role"):
        rules.load(settings)

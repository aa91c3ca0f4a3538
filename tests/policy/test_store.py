from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from tests.postgres import database, postgres, where

from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.policy import store

__all__ = ["database", "postgres", "where"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _document(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "currency": "USD",
        "monthly_cost": "1871.550000000001",
        "monthly_delta": "667.45",
        "complete": False,
        "verdict": "deny",
        "bundle": "41",
        "decision": None,
        "created_at": NOW.isoformat(),
        "workspace": "shop-prod",
        "actor": "ci",
        "local": False,
        "plan_digest": "d" * 64,
        "budgets": [{"team": "checkout"}],
        "findings": [
            {"rule": "mandatory-tags", "level": "mandatory", "result": "violation", "message": "ü"},
            {"rule": "mandatory-tags", "level": "mandatory", "result": "violation", "message": "b"},
            {"rule": "mandatory-tags", "level": "mandatory", "result": "unknown", "message": "c"},
            {"rule": "old-generation", "level": "advisory", "result": "violation", "message": "d"},
        ],
    }
    return document | changes


def _record(database: Database, **changes: Any) -> str:
    with database.begin() as connection:
        return store.record(connection, _document(**changes))


def test_a_decision_comes_back_as_it_was(database: Database) -> None:
    name = _record(database)
    with database.read() as connection:
        assert store.get(connection, name) == _document(decision=name)
        (line,) = store.recent(connection)
    assert (line.id, line.verdict, line.workspace, line.actor) == (name, "deny", "shop-prod", "ci")
    assert (line.monthly_cost, line.monthly_delta) == (Decimal("1871.550000000001"), Decimal("667.45"))
    assert (line.created_at, line.complete, line.local, line.findings) == (NOW, False, False, 4)


def test_an_id_is_found_however_people_type_it(database: Database) -> None:
    name = _record(database)
    assert len(name) == 9
    assert set(name) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
    with database.read() as connection:
        for typed in (name.lower(), name.replace("-", ""), f" {name} ", name.replace("0", "O").replace("1", "l")):
            assert store.get(connection, typed) is not None
        assert store.get(connection, "0000-0000") is None
        assert store.get(connection, "") is None


def test_a_taken_id_is_drawn_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["AAAA-AAAA", "AAAA-AAAA", "BBBB-BBBB"])
    monkeypatch.setattr(store, "new_id", lambda: next(drawn))
    assert [_record(database), _record(database)] == ["AAAA-AAAA", "BBBB-BBBB"]
    monkeypatch.setattr(store, "new_id", lambda: "AAAA-AAAA")
    with pytest.raises(RuntimeError, match="all taken"):
        _record(database)


def test_lists_are_paged_and_filtered(database: Database) -> None:
    names = [
        _record(database, verdict=verdict, workspace=workspace, budgets=[{"team": team}] if team else [])
        for verdict, workspace, team in (
            ("allow", "a", "checkout"),
            ("deny", "a", "payments"),
            ("allow", "b", "payments"),
            ("warn", "b", None),
            ("allow", "a", "checkout"),
        )
    ]

    def found(**filters: Any) -> list[int]:
        with database.read() as connection:
            return [names.index(line.id) for line in store.recent(connection, **filters)]

    assert found() == [4, 3, 2, 1, 0]
    assert found(limit=2) == [4, 3]
    assert found(verdict="allow") == [4, 2, 0]
    assert found(workspace="b") == [3, 2]
    assert found(team="payments") == [2, 1]
    assert found(team="payments", verdict="allow", workspace="b") == [2]
    assert found(team="nobody") == []
    with database.read() as connection:
        page = store.recent(connection, limit=2)
        assert [names.index(line.id) for line in store.recent(connection, before=page[-1].number, limit=2)] == [2, 1]
        page = store.recent(connection, team="checkout", limit=1)
        assert [names.index(x.id) for x in store.recent(connection, team="checkout", before=page[-1].number)] == [0]


def test_a_rule_finds_the_decisions_that_it_had_a_say_in(database: Database) -> None:
    told = _document()["findings"]
    assert len({f["rule"] for f in told}) > 0
    loud, silent = _record(database), _record(database, findings=[])
    with database.read() as connection:
        assert [line.id for line in store.recent(connection, rule=told[0]["rule"])] == [loud]
        assert [line.id for line in store.recent(connection)] == [silent, loud]
        assert store.recent(connection, rule="no-such-rule") == []


def test_teams_come_from_the_plan_and_from_its_budgets(database: Database) -> None:
    with database.begin() as connection:
        store.record(connection, _document(), teams=["payments", "checkout"])
        store.record(connection, _document(budgets=[], findings=[]))
        for team in ("payments", "checkout"):
            assert len(store.recent(connection, team=team)) == 1


def test_a_summary_counts_what_is_new(database: Database) -> None:
    _record(database, created_at=(NOW - timedelta(days=40)).isoformat())
    _record(database)
    _record(database, verdict="allow", findings=_document()["findings"][3:])
    with database.read() as connection:
        summary = store.summary(connection, NOW - timedelta(days=30))
        assert summary == store.Summary(
            2,
            {"deny": 1, "allow": 1},
            (store.RuleCount("mandatory-tags", 1, 3), store.RuleCount("old-generation", 2, 2)),
        )
        assert store.summary(connection, NOW - timedelta(days=30), rules=1).rules == summary.rules[:1]
        assert store.summary(connection, NOW + timedelta(days=1)) == store.Summary(0, {}, ())


def test_a_key_is_answered_once(database: Database) -> None:
    key = store.Key(1, "k", "a" * 64)
    with database.begin() as connection:
        assert store.answered(connection, key) is None
        name = store.record(connection, _document(), key=key)
    with database.begin() as connection:
        assert store.record(connection, _document(verdict="allow"), key=key) == name
        assert store.answered(connection, key) == _document(decision=name)
        assert len(store.recent(connection)) == 1
        other = store.record(connection, _document(), key=store.Key(2, "k", "b" * 64))
    assert other != name


def test_a_key_used_for_another_plan_is_refused(database: Database) -> None:
    with database.begin() as connection:
        store.record(connection, _document(), key=store.Key(1, "k", "a" * 64))
        with pytest.raises(InputError, match="the idempotency key 'k' was used for another plan"):
            store.answered(connection, store.Key(1, "k", "b" * 64))


def test_a_key_used_twice_at_once_makes_one_decision(database: Database) -> None:
    names: list[str] = []

    def work() -> None:
        with database.begin() as connection:
            names.append(store.record(connection, _document(), key=store.Key(1, "k", "a" * 64)))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 6
    assert len(set(names)) == 1
    with database.read() as connection:
        assert len(store.recent(connection)) == 1


def test_a_decision_is_in_the_audit_log(database: Database) -> None:
    name = _record(database)
    with database.read() as connection:
        (entry,) = audit.entries(connection)
        assert audit.verify(connection).whole
    assert (entry.kind, entry.actor, entry.details["decision"], entry.details["verdict"]) == (
        "decision",
        "ci",
        name,
        "deny",
    )


def test_lists_read_an_index_and_sort_nothing(database: Database) -> None:
    """What keeps the millionth page as quick as the first."""
    _record(database)
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    with database.read() as connection:
        if database.engine.dialect.name == "postgresql":
            for way in ("seqscan", "bitmapscan"):  # with one row the planner would read the table
                connection.execute(text(f"SET enable_{way} = off"))
        for condition in ("number < 9", "verdict = 'deny' AND number < 9", "workspace = 'a' AND number < 9"):
            query = f"{explain}SELECT * FROM decision WHERE {condition} ORDER BY number DESC LIMIT 50"
            plan = " ".join(str(row) for row in connection.execute(text(query)))
            assert "Sort" not in plan
            assert "TEMP B-TREE" not in plan
            assert "SCAN decision" not in plan.replace("USING", "")

"""Claimed grants whose apply gave signs of life, and then none: what becomes of them, on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.policy.grants.decisions import NOW, budget, decide, held, later, resource, take

from infragod.db import audit
from infragod.db.connection import Database
from infragod.policy.grants import DEAD_AFTER, Issued, Reason, RefusedError, State, Summary, store

LATE = NOW + DEAD_AFTER + timedelta(minutes=2)


@pytest.fixture
def issued(database: Database) -> Issued:
    """A grant that is claimed, whose apply was heard of a minute later."""
    made = take(database, decide(database, resource("b", "300")))
    with database.begin() as connection:
        store.claim(connection, made.token, workspace="shop", lineage="l", serial=7, lock_id="wrapper-1", at=NOW)
        store.beat(connection, made.token, at=later(minutes=1))
    return made


def test_silence_abandons_what_was_heard_of_and_keeps_its_hold(database: Database, issued: Issued) -> None:
    with database.begin() as connection:
        store.expire(connection, NOW + DEAD_AFTER)  # the last sign is a minute younger
        assert [g.id for g in store.recent(connection, state="claimed", at=NOW + DEAD_AFTER)] == [issued.grant.id]
    before = held(database)
    assert before == {"checkout": Decimal(150)}
    with database.begin() as connection:
        assert store.recent(connection, state="abandoned", at=LATE)[0].id == issued.grant.id
        assert store.recent(connection, state="claimed", at=LATE) == []
        assert store.recent(connection, state="open", at=LATE) == []
        store.expire(connection, LATE)
        found = store.get(connection, issued.grant.id)
        assert found is not None
        assert (found.state, found.ended_at) == (State.ABANDONED, LATE)
        assert "no sign of life since" in found.note
        assert audit.entries(connection)[0].kind == "grant.abandon"
        assert store.abandon(connection, LATE) == []
    assert held(database, LATE) == before


def test_it_is_never_used_again(database: Database, issued: Issued) -> None:
    bound = {"workspace": "shop", "lineage": "l", "serial": 7}
    with database.begin() as connection:
        for marked in (False, True):
            if marked:
                store.abandon(connection, LATE)
            for lock in ("wrapper-1", "another"):
                with pytest.raises(RefusedError, match="was abandoned by its apply"):
                    store.claim(connection, issued.token, **bound, lock_id=lock, at=LATE)  # type: ignore[arg-type]
            with pytest.raises(RefusedError, match="was abandoned by its apply") as refused:
                store.beat(connection, issued.token, at=LATE)
            assert refused.value.reason is Reason.STATE


def test_what_a_late_apply_says_at_its_end_still_counts(database: Database, issued: Issued) -> None:
    with database.begin() as connection:
        store.abandon(connection, LATE)
        ended = store.conclude(
            connection, issued.token, Summary(applied=True, resources={"aws_instance.b": "i-1"}), at=LATE
        )
        assert (ended.state, ended.note, ended.ended_at) == (State.USED, "applied", LATE)


def test_the_next_plan_of_the_workspace_is_not_blocked_and_that_of_others_is(
    database: Database, issued: Issued
) -> None:
    budget(database, "200")
    with database.begin() as connection:
        store.abandon(connection, LATE)
    with pytest.raises(RefusedError, match="the budget of checkout"):
        take(database, decide(database, resource("c", "300"), workspace="other"), at=LATE)
    taken = take(database, decide(database, resource("b", "300")), at=LATE)
    assert taken.grant.state is State.ISSUED


def test_an_apply_that_never_gave_a_sign_is_not_abandoned(database: Database) -> None:
    made = take(database, decide(database, resource("b", "300")))
    with database.begin() as connection:
        with pytest.raises(RefusedError, match="is not claimed yet"):
            store.beat(connection, made.token, at=NOW)
        with pytest.raises(RefusedError, match="is unknown"):
            store.beat(connection, "igg_other", at=NOW)
        store.claim(connection, made.token, workspace="shop", lineage="l", serial=7, lock_id="of the backend", at=NOW)
        assert store.abandon(connection, later(days=9)) == []
        found = store.get(connection, made.grant.id)
        assert found is not None
        assert found.state_at(later(days=9)) is State.CLAIMED


def test_an_operator_may_free_what_it_holds(database: Database, issued: Issued) -> None:
    with database.begin() as connection:
        store.abandon(connection, LATE)
        with pytest.raises(RefusedError, match="cannot be withdrawn"):
            store.release(connection, issued.grant.id, actor="ops", at=LATE)
        assert store.release(connection, issued.grant.id, actor="ops", claimed=True, at=LATE).state is State.RELEASED
    assert sum(held(database).values(), Decimal(0)) == 0

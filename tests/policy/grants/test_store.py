"""A grant's life: issued, claimed once, used; or expired, withdrawn, replaced; every step in the log."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from tests.policy.grants.decisions import NOW, budget, decide, held, later, resource, take

from infragod.budget.holds import store as holds
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.policy.grants import Grant, Issued, Reason, RefusedError, State, Summary, digest, document
from infragod.policy.grants import store as grants


def claim(database: Database, issued: Issued, lock: str = "lock-1", at: object = NOW, **more: object) -> Grant:
    bound = {"workspace": "shop", "lineage": "l", "serial": 7, "at": at} | more
    with database.begin() as connection:
        return grants.claim(connection, issued.token, lock_id=lock, **bound)  # type: ignore[arg-type]


def finish(database: Database, lock: str, summary: Summary) -> Grant:
    with database.begin() as connection:
        return grants.finish(connection, lock, summary, at=later(minutes=5))


def refused(caught: pytest.ExceptionInfo[RefusedError]) -> tuple[Reason, str]:
    assert "\n" not in str(caught.value)
    return caught.value.reason, str(caught.value)


def test_a_grant_is_issued_claimed_and_used_and_the_log_tells_it(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    assert issued.token.startswith("igg_")
    assert issued.grant.state is State.ISSUED
    assert claim(database, issued).state is State.CLAIMED
    used = finish(database, "lock-1", Summary(applied=True))
    assert (used.state, used.note) == (State.USED, "applied")
    assert document(used, NOW)["state"] == "used"
    with database.read() as connection:
        kinds = [e.kind for e in audit.entries(connection) if e.kind.startswith("grant")]
        assert audit.verify(connection).whole
        assert grants.holder(connection, issued.token) == used
        assert grants.holder(connection, issued.token + "x") is None
    assert kinds == ["grant.finish", "grant.claim", "grant.issue"]


def test_the_token_is_kept_nowhere(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    claim(database, issued)
    assert issued.token not in repr(issued)
    with database.read() as connection:
        rows = [str(connection.execute(text(f"SELECT * FROM {t}")).all()) for t in ("apply_grant", "audit", "hold")]
    assert digest(issued.token) in rows[0]
    assert issued.token not in "".join(rows)


def test_it_is_used_once(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    claim(database, issued)
    assert claim(database, issued).state is State.CLAIMED  # the same lock asks again because an answer was lost
    with pytest.raises(RefusedError) as caught:
        claim(database, issued, "lock-2")
    assert refused(caught) == (
        Reason.STATE,
        f"grant {issued.grant.id} is being used already; check the plan again and take a new one",
    )
    finish(database, "lock-1", Summary(applied=False))
    with pytest.raises(RefusedError, match="was used already"):
        claim(database, issued)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"workspace": "prod"}, "is for shop, and not for prod"),
        ({"lineage": "other"}, "for the state of another lineage"),
        ({"serial": 8}, "for a plan on serial 7 of the state, which is at 8 now"),
    ],
)
def test_it_is_bound(database: Database, other: dict[str, Any], said: str) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    with pytest.raises(RefusedError, match=said) as caught:
        claim(database, issued, **other)
    assert refused(caught)[0] is Reason.BINDING
    assert claim(database, issued).state is State.CLAIMED


def test_it_expires_and_holds_nothing_then(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")), ttl=timedelta(minutes=60))
    assert held(database) == {"checkout": Decimal(50)}
    with pytest.raises(RefusedError, match="has expired"):
        claim(database, issued, at=later(minutes=60))
    assert held(database, later(minutes=60)) == {}
    take(database, decide(database, workspace="other"), at=later(minutes=61))
    with database.read() as connection:
        found = grants.get(connection, issued.grant.id.lower().replace("-", ""))
    assert found is not None
    assert found.state is State.EXPIRED


def test_a_claimed_grant_outlives_its_time_and_holds_until_the_month_ends(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    claim(database, issued, at=later(minutes=59))
    assert held(database, later(hours=8)) == {"checkout": Decimal(50)}
    assert held(database, later(days=15)) == {}


def test_a_plan_made_again_replaces_the_grant_of_its_change_request_alone(database: Database) -> None:
    first = take(database, decide(database, resource("web", "100.00")), change_request="1")
    other = take(database, decide(database, resource("web", "10.00")), change_request="2")
    again = take(database, decide(database, resource("web", "40.00")), change_request="1")
    assert held(database) == {"checkout": Decimal(25)}
    with pytest.raises(RefusedError, match="was replaced by one for a newer plan"):
        claim(database, first)
    assert {claim(database, g, g.grant.id).state for g in (other, again)} == {State.CLAIMED}


def test_a_grant_that_is_being_used_is_not_replaced(database: Database) -> None:
    first = take(database, decide(database, resource("web", "100.00")))
    claim(database, first)
    take(database, decide(database, resource("db", "20.00")))
    assert held(database) == {"checkout": Decimal(60)}


def test_withdrawn_it_is_free_again(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    with database.begin() as connection:
        assert grants.release(connection, issued.grant.id, actor="lead", at=NOW).state is State.RELEASED
    assert held(database) == {}
    with database.begin() as connection, pytest.raises(RefusedError, match="was withdrawn, so it cannot"):
        grants.release(connection, issued.grant.id, actor="lead", at=NOW)
    with database.begin() as connection, pytest.raises(RefusedError, match="there is no grant NONE"):
        grants.release(connection, "NONE", actor="lead")


def test_one_that_is_being_used_is_withdrawn_only_on_purpose(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    claim(database, issued)
    with database.begin() as connection, pytest.raises(RefusedError, match="is being used"):
        grants.release(connection, issued.grant.id, actor="lead", at=NOW)
    with database.begin() as connection:
        grants.release(connection, issued.grant.id, actor="lead", claimed=True, at=NOW)
    assert held(database) == {}


def test_concluded_by_its_holder(database: Database) -> None:
    never = take(database, decide(database, resource("web", "100.00")))
    with database.begin() as connection:
        ended = grants.conclude(connection, never.token, Summary(applied=False), at=NOW)
        assert ended.state is State.RELEASED
        assert grants.conclude(connection, never.token, Summary(applied=False), at=NOW) == ended
        with pytest.raises(RefusedError, match="is unknown"):
            grants.conclude(connection, "igg_x", Summary(applied=True))
    begun = take(database, decide(database, resource("web", "100.00")))
    claim(database, begun)
    with database.begin() as connection:
        assert grants.conclude(connection, begun.token, Summary(applied=True), at=NOW).state is State.USED
        with pytest.raises(RefusedError, match="no grant is claimed by that lock"):
            grants.finish(connection, "none", Summary(applied=True))


def test_what_was_not_made_is_held_no_longer(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00"), resource("db", "60.00")))
    claim(database, issued)
    assert finish(database, "lock-1", Summary(applied=False, resources={"aws_instance.web": "i-1"})).note == (
        "ended with an error"
    )
    assert held(database) == {"checkout": Decimal(50)}


def test_a_saving_that_did_not_come_about_holds_nothing_back(database: Database) -> None:
    old, new = resource("old", "0.00", "60.00", "delete"), resource("new", "100.00")
    issued = take(database, decide(database, old, new))
    assert held(database) == {"checkout": Decimal(20)}
    claim(database, issued)
    finish(database, "lock-1", Summary(applied=False, resources={"aws_instance.old": "i-0", "aws_instance.new": "i-1"}))
    assert held(database) == {"checkout": Decimal(50)}


@pytest.mark.parametrize("seen", [False, True])
def test_destroyed_before_it_was_billed_it_is_held_no_longer(database: Database, *, seen: bool) -> None:
    first = take(database, decide(database, resource("web", "100.00")))
    claim(database, first)
    finish(database, "lock-1", Summary(applied=True))
    gone = take(database, decide(database, resource("web", "0.00", "100.00", "delete"), resource("db", "10.00")))
    assert held(database) == {"checkout": Decimal(55)}  # not billed yet, so deleting it saves nothing of a forecast
    claim(database, gone, "lock-2")
    finish(database, "lock-2", Summary(applied=True, resources={"aws_instance.db": None} if seen else None))
    assert held(database) == {"checkout": Decimal(5)}


def test_the_bill_takes_over_resource_by_resource(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00"), resource("db", "60.00")))
    claim(database, issued)
    finish(database, "lock-1", Summary(applied=True, resources={"aws_instance.web": "i-1", "aws_instance.db": "i-2"}))
    with database.begin() as connection:
        waiting = {i.resource_id: i.number for i in holds.open_items(connection, NOW)}
        assert waiting.keys() == {"i-1", "i-2"}
        assert holds.give_way(connection, {waiting["i-1"], 10**6}, NOW) == 1
    assert held(database) == {"checkout": Decimal(30)}
    with database.begin() as connection:
        assert holds.give_way(connection, set(waiting.values()), NOW) == 1
        assert holds.open_items(connection, NOW) == []
    assert held(database) == {}


def test_told_again_it_learns_and_nothing_else(database: Database) -> None:
    issued = take(database, decide(database, resource("web", "100.00")))
    claim(database, issued)
    first = finish(database, "lock-1", Summary(applied=True))
    again = finish(database, "lock-1", Summary(applied=True, resources={"aws_instance.web": "i-1"}))
    assert first == again
    with database.read() as connection:
        assert [i.resource_id for i in holds.open_items(connection, NOW)] == ["i-1"]


def test_lists_and_odd_wishes(database: Database) -> None:
    issued = take(database, decide(database))
    take(database, decide(database, workspace="other"))
    with database.read() as connection:
        assert [g.workspace for g in grants.recent(connection)] == ["other", "shop"]
        assert [g.id for g in grants.recent(connection, workspace="shop")] == [issued.grant.id]
        assert len(grants.recent(connection, state="open", at=NOW)) == 2
        assert grants.recent(connection, state="open", at=later(hours=1)) == []
    for odd in ({"ttl": timedelta(days=2)}, {"ttl": timedelta(0)}, {"serial": -1}, {"lineage": "x" * 201}):
        with pytest.raises(InputError):
            take(database, issued.grant.decision, **odd)


def test_a_refusal_is_noted_but_waiting_is_none(database: Database) -> None:
    budget(database, "1")
    with database.begin() as connection:
        for reason in (Reason.APPROVAL, Reason.BUDGET):
            grants.note_refusal(connection, RefusedError(reason, "no"), "pipeline", {"decision": "X"})
        (entry,) = audit.entries(connection, kind="grant.refuse")
    assert entry.details == {"decision": "X", "reason": "budget", "said": "no"}

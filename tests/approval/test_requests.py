"""Requests for approval on SQLite and PostgreSQL: opened, kept, lost, answered, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.approval.ask import ITEM, LATER, NOW, TEXT, asked, law, user

from infragod.approval import requests
from infragod.approval.authority import Account, Authority
from infragod.approval.needs import Item
from infragod.approval.requests.record import Ask, State, document
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError

OTHER = Item("mandatory-tags", "aws_instance.web", "checkout", "prod")


def opened(database: Database, ask: Ask, decision: str = "AAAA-0001", **more: object) -> State:
    with database.begin() as connection:
        state = requests.attach(connection, ask, law(), **{"at": NOW, **more})  # type: ignore[arg-type]
        requests.belongs(connection, state, decision)
    return state


def answered(
    database: Database,
    who: str | Account,
    what: str = "grant",
    decision: str = "AAAA-0001",
    authority: Authority | None = None,
    **more: object,
) -> State:
    account = user(who) if isinstance(who, str) else who
    with database.begin() as connection:
        return requests.answer(
            connection,
            decision,
            account,
            what,
            authority or law(),
            **{"via": "command", "at": LATER, **more},  # type: ignore[arg-type]
        )


def value(database: Database, decision: str = "AAAA-0001", **more: object) -> str:
    with database.read() as connection:
        return requests.state(connection, decision, law(), **{"at": LATER, **more}).value  # type: ignore[arg-type]


def refused(database: Database, who: str | Account, said: str, **more: object) -> None:
    with database.read() as connection:
        before = audit.verify(connection).entries
    with pytest.raises(InputError) as error:
        answered(database, who, **more)  # type: ignore[arg-type]
    assert said in str(error.value)
    with database.read() as connection:
        assert audit.verify(connection).entries == before


def test_a_decision_is_approved_by_one_of_those_whom_the_clause_names(database: Database) -> None:
    assert opened(database, asked()).value == "pending"
    state = answered(database, "lead-user", reason="as agreed")
    assert (state.value, state.passes) == ("approved", True)
    assert value(database) == "approved"
    with database.read() as connection:
        kinds = [entry.kind for entry in audit.entries(connection, limit=9)]
    assert kinds == ["approval.approved", "approval.grant", "approval.opened"]
    found = document(state)
    assert found is not None
    assert found["votes"][0]["person"] == "lead of checkout"
    assert found["policy"] == law().digest


def test_what_asks_for_nothing_has_no_state(database: Database) -> None:
    assert value(database, "ZZZZ-0000") == "none"
    refused(database, "lead-user", "asks for no approval", decision="ZZZZ-0000")


def test_two_must_be_two(database: Database) -> None:
    opened(database, asked(amount="5000"))
    assert answered(database, "controller-user").value == "pending"
    refused(database, Account("token", "controller"), "answered decision AAAA-0001 already")
    assert answered(database, "engineer-user").value == "approved"


def test_who_asked_may_not_approve_under_any_name(database: Database) -> None:
    for name in ("lead-user", "lead-checkout", "lead-on-the-forge", "lead of checkout"):
        opened(database, asked(digest=name, by=name), name[:9])
        refused(database, "lead-user", "asked for decision", decision=name[:9])
        # nor does the deputy by the power of who asked
        refused(database, "search-user", "may not approve", decision=name[:9])
        assert answered(database, "controller-user", decision=name[:9]).value == "approved"


def test_who_asks_again_by_another_decision_may_not_approve_either(database: Database) -> None:
    opened(database, asked())
    opened(database, asked(by="lead-user"), "AAAA-0002")
    refused(database, "lead-user", "asked for decision")


def test_a_deputy_acts_in_their_days_alone(database: Database) -> None:
    opened(database, asked())
    refused(database, "search-user", "may not approve decision", at=NOW + timedelta(days=5))
    assert answered(database, "search-user").value == "approved"


def test_an_approver_who_left_may_not_approve_and_their_open_vote_is_gone(database: Database) -> None:
    opened(database, asked(amount="5000"))
    answered(database, "controller-user")
    text = TEXT.replace("[people.controller]", "[people.treasurer]").replace('["controller", ', '["treasurer", ')
    without = law(text.replace('users = ["controller-user"]\ntokens = ["controller"]', 'users = ["new-user"]'))
    refused(database, "controller-user", "is nobody in approvals.toml (any more)", authority=without)
    assert answered(database, "engineer-user", authority=without).value == "pending"
    assert answered(database, "new-user", authority=without).value == "approved"


def test_without_approvals_toml_nobody_may(database: Database) -> None:
    opened(database, asked())
    refused(database, "lead-user", "name people in approvals.toml", authority=Authority())


def test_a_stranger_may_not(database: Database) -> None:
    opened(database, asked())
    refused(database, "root", "user root is nobody in approvals.toml")
    refused(database, Account("token", "lead-user"), "token lead-user is nobody")


def test_requesters_may_have_to_be_known(database: Database) -> None:
    strict = law("known_requesters = true\n" + TEXT)
    opened(database, asked())
    refused(database, "controller-user", "--requester NAME", authority=strict)
    opened(database, asked(digest="d2", by="lead-on-the-forge"), "AAAA-0002")
    assert answered(database, "controller-user", decision="AAAA-0002", authority=strict).value == "approved"


def test_a_refusal_needs_a_reason_and_ends_it(database: Database) -> None:
    opened(database, asked())
    refused(database, "lead-user", "needs a reason", what="refuse", reason=" ")
    assert answered(database, "lead-user", "refuse", reason="too large").value == "refused"
    refused(database, "controller-user", "was refused")
    assert opened(database, asked(), "AAAA-0002").value == "refused"  # an equal plan asks in vain


def test_what_was_refused_is_asked_for_anew_by_name(database: Database) -> None:
    opened(database, asked())
    answered(database, "lead-user", "refuse", reason="too large")
    with database.begin() as connection:
        state = requests.ask_again(connection, "AAAA-0001", "pipeline", "smaller now", law(), LATER)
    assert (state.value, state.request and state.request.reason) == ("pending", "smaller now")
    assert answered(database, "controller-user").value == "approved"
    with database.begin() as connection, pytest.raises(InputError, match="approved already"):
        requests.ask_again(connection, "AAAA-0001", "pipeline", "", law(), LATER)


def test_asking_anew_after_the_law_changed_needs_a_check(database: Database) -> None:
    opened(database, asked())
    answered(database, "lead-user", "refuse", reason="too large")
    with database.begin() as connection, pytest.raises(InputError, match="check the plan again"):
        requests.ask_again(connection, "AAAA-0001", "pipeline", "", law(TEXT + "\n"), LATER)


def test_who_asks_by_name_joins_those_who_asked(database: Database) -> None:
    opened(database, asked())
    with database.begin() as connection:
        requests.ask_again(connection, "AAAA-0001", "controller", "please", law(), LATER)
    refused(database, "controller-user", "asked for decision")


def test_an_equal_plan_keeps_its_approvals(database: Database) -> None:
    opened(database, asked(ITEM, OTHER))
    answered(database, "lead-user")
    again = opened(database, asked(ITEM, OTHER), "AAAA-0002", at=LATER)
    fewer = opened(database, asked(ITEM), "AAAA-0003", at=LATER)
    assert (again.value, fewer.value) == ("approved", "approved")
    assert value(database, "AAAA-0002") == "approved"


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (asked(digest="d2", parts={"aws_instance.web": "2"}), "was for another plan: aws_instance.web changed"),
        (asked(digest="d2", parts={"aws_instance.web": "1", "x.y": "1"}), "x.y came in"),
        (asked(digest="d2", parts={f"a.{n}": "1" for n in range(5)}), "a.0, a.1, a.2 and 2 more came in, aws"),
        (asked(digest="d2"), "what it leaves as it is differs"),
        (asked(ITEM, OTHER), "mandatory-tags now finds aws_instance.web as well"),
        (asked(amount="5000"), "others have to approve it now"),
    ],
)  # fmt: skip
def test_a_plan_that_differs_loses_them_and_says_why(database: Database, ask: Ask, why: str) -> None:
    opened(database, asked())
    answered(database, "lead-user")
    state = opened(database, ask, "AAAA-0002", at=LATER)
    assert state.value == "pending"
    assert state.request is not None
    assert state.request.lost.startswith("the approval by lead of checkout was for another plan: ")
    assert why in state.request.lost
    assert value(database) == "approved"  # the plan that was approved still is


def test_where_nothing_was_given_nothing_is_lost(database: Database) -> None:
    opened(database, asked())
    state = opened(database, asked(digest="d2"), "AAAA-0002")
    assert state.request is not None
    assert state.request.lost == ""


def test_both_waiting_and_approval_end_by_time(database: Database) -> None:
    opened(database, asked())
    week = NOW + timedelta(days=7)
    assert value(database, at=week) == "expired"
    refused(database, "lead-user", "has expired", at=week)
    answered(database, "lead-user")
    assert value(database, at=week) == "approved"
    assert value(database, at=week + timedelta(hours=1)) == "expired"
    state = opened(database, asked(), "AAAA-0002", at=week + timedelta(hours=1))
    assert state.value == "pending"
    assert state.request is not None
    assert "has expired" in state.request.lost


def test_only_who_asked_takes_it_back(database: Database) -> None:
    opened(database, asked())
    with database.begin() as connection:
        with pytest.raises(InputError, match="did not ask"):
            requests.withdraw(connection, "AAAA-0001", user("lead-user"), "", law(), LATER)
        assert requests.withdraw(connection, "AAAA-0001", user("pipeline"), "", law(), LATER).value == "void"
        with pytest.raises(InputError, match="was withdrawn"):
            requests.void(connection, "AAAA-0001", "pipeline", "", LATER)
    refused(database, "lead-user", "was withdrawn")


def test_what_was_seen_is_what_is_answered(database: Database) -> None:
    opened(database, asked())
    refused(database, "lead-user", "has changed since you saw it", seen="another")


def test_a_reason_has_an_end_and_steers_no_terminal(database: Database) -> None:
    opened(database, asked())
    refused(database, "lead-user", "shorten it", reason="x" * 2001)
    state = answered(database, "lead-user", reason="fine\x1b[2J\n")
    assert state.request is not None
    assert state.request.votes[0].reason == "fine [2J"


def test_looking_opens_nothing_and_says_who_may(database: Database) -> None:
    with database.read() as connection:
        state = requests.look(connection, asked(), law(), NOW)
    assert state.value == "none"
    assert state.wanted[0].people == ("controller", "financial engineer", "lead of checkout", "lead of search")
    assert value(database) == "none"
    opened(database, asked())
    with database.read() as connection:
        assert requests.look(connection, asked(), law(), NOW).value == "pending"

"""Who is reminded, when, and not again at once."""

from __future__ import annotations

from datetime import timedelta

from tests.approval.ask import NOW, asked, law
from tests.approval.test_requests import answered, opened

from infragod.approval import reminders
from infragod.db.connection import Database

DUE = NOW + timedelta(days=2)


def test_those_who_may_still_answer_are_reminded_every_so_many_days(database: Database) -> None:
    opened(database, asked(amount="5000"))
    answered(database, "controller-user")
    with database.begin() as connection:
        assert reminders.due(connection, law(), DUE - timedelta(minutes=1)) == []
        (found,) = reminders.due(connection, law(), DUE)
        assert (found.person, found.decision) == ("financial engineer", "AAAA-0001")
        assert found.said == (
            "decision AAAA-0001 of shop waits for approval (budget-of-owner) until 2026-11-23 09:00 UTC"
        )
        reminders.mark(connection, [found], "operator", DUE)
        assert reminders.due(connection, law(), DUE + timedelta(days=1)) == []
        assert len(reminders.due(connection, law(), DUE + timedelta(days=2))) == 1
        assert reminders.due(connection, law(), NOW + timedelta(days=7)) == []


def test_the_mail_stands_beside_the_name(database: Database) -> None:
    opened(database, asked())
    with database.read() as connection:
        found = {r.person: r.mail for r in reminders.due(connection, law(), DUE)}
    assert found["lead of checkout"] == "lead@checkout.example"
    assert found["lead of search"] == ""

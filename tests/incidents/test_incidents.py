"""Incidents and the breaking of the glass."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.approval.ask import LATER, NOW, TEXT, asked, law, user

from infragod import incidents
from infragod.approval import requests
from infragod.approval.authority import Authority
from infragod.approval.requests.record import document
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.incidents import store
from infragod.incidents.break_glass import Denied, break_glass

DENIED = Denied("AAAA-0001", "shop", "d1", "deny")
REASON = "checkout is down, nodes must come"


def broken(
    database: Database, who: str = "lead-user", reason: str = REASON, denied: Denied = DENIED, text: str = TEXT
) -> int:
    with database.begin() as connection:
        return break_glass(connection, denied, user(who), reason, law(text), NOW)[0].number


def test_an_incident_is_opened_listed_and_closed(database: Database) -> None:
    with database.begin() as connection:
        made = incidents.open(connection, "state", "shop", {"serial": 7}, "server")
        assert store.recent(connection) == [made]
        with pytest.raises(InputError, match="what came of it"):
            store.close(connection, made.number, " ", "controller")
        closed = store.close(connection, made.number, "put back", "controller")
        assert (closed.resolution, closed.details) == ("put back", {"serial": 7})
        with pytest.raises(InputError, match="was closed on"):
            store.close(connection, made.number, "again", "controller")
        assert store.recent(connection) == []
        assert store.recent(connection, closed=True) == [closed]
        with pytest.raises(InputError, match="there is no incident 99"):
            store.get(connection, 99)
        assert [e.kind for e in audit.entries(connection, limit=9)] == ["incident.closed", "incident.opened"]


def test_broken_glass_lets_one_plan_pass_for_hours_and_sounds_the_alarm(database: Database) -> None:
    number = broken(database)
    with database.read() as connection:
        state = requests.state(connection, "AAAA-0001", at=LATER)
        assert (state.value, state.glass and state.glass.person) == ("approved", "lead of checkout")
        found = document(state)
        assert found is not None
        assert found["break_glass"]["reason"] == REASON
        assert store.get(connection, number).kind == "break-glass"
        assert requests.state(connection, "AAAA-0001", at=NOW + timedelta(hours=4)).value == "expired"
        assert requests.state(connection, "AAAA-0002", at=LATER).value == "none"
        assert {e.kind for e in audit.entries(connection, limit=9)} == {"break-glass", "incident.opened"}


def test_a_request_that_waits_passes_by_broken_glass_and_waits_after_it(database: Database) -> None:
    with database.begin() as connection:
        requests.belongs(connection, requests.attach(connection, asked(), law(), NOW), "AAAA-0001")
    broken(database, denied=Denied("AAAA-0001", "shop", "d1", "needs_approval"))
    with database.read() as connection:
        assert requests.state(connection, "AAAA-0001", at=LATER).passes
        assert requests.state(connection, "AAAA-0001", at=NOW + timedelta(hours=5)).value == "pending"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"reason": "help"}, "a reason of 10 to 2000"),
        ({"who": "root"}, "user root is nobody"),
        ({"denied": Denied("A", "shop", "d", "warn")}, "passes as it is"),
        ({"text": TEXT + '[break_glass]\nby = ["finance"]\n'}, "that is for finance"),
    ],
)
def test_who_may_not_and_why(database: Database, more: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        broken(database, **more)  # type: ignore[arg-type]
    with database.read() as connection:
        assert store.recent(connection) == []
        assert requests.state(connection, "AAAA-0001", at=LATER).value == "none"


def test_the_glass_is_broken_once(database: Database) -> None:
    broken(database)
    with pytest.raises(InputError, match="is broken for decision AAAA-0001 already"):
        broken(database)


def test_without_approvals_toml_nobody_breaks_the_glass(database: Database) -> None:
    with database.begin() as connection, pytest.raises(InputError, match=r"name people in approvals\.toml"):
        break_glass(connection, DENIED, user("lead-user"), REASON, Authority(), NOW)

"""Two approvals at once, by processes, on SQLite and PostgreSQL: each counts once, and one of them completes."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier

import pytest
from tests.approval.ask import LATER, asked, law, user
from tests.approval.test_requests import opened, value

from infragod.approval import links, requests
from infragod.approval.requests import store
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.settings import Settings

SIGNING = b"k" * 32


def _vote(where: Settings, who: str, start: Barrier, said: multiprocessing.Queue[str]) -> None:
    with Database.open(where) as database:
        start.wait(20)
        try:
            with database.begin() as connection:
                state = requests.answer(connection, "AAAA-0001", user(who), "grant", law(), via="command", at=LATER)
            said.put(state.value)
        except InputError as error:
            said.put(str(error))


def _use(where: Settings, link: str, start: Barrier, said: multiprocessing.Queue[str]) -> None:
    with Database.open(where) as database:
        start.wait(20)
        try:
            with database.begin() as connection:
                said.put(links.use(connection, SIGNING, link, "grant", law(), at=LATER).value)
        except InputError as error:
            said.put(str(error))


def _race(target: object, where: Settings, each: list[str]) -> list[str]:
    context = multiprocessing.get_context("spawn")
    start, said = context.Barrier(len(each)), context.Queue()
    runs = [context.Process(target=target, args=(where, one, start, said)) for one in each]  # type: ignore[arg-type]
    for run in runs:
        run.start()
    found = sorted(said.get(timeout=60) for _ in runs)
    for run in runs:
        run.join(20)
    return found


def test_two_people_at_once_complete_it_once(database: Database, where: Settings) -> None:
    opened(database, asked(amount="5000"))
    assert _race(_vote, where, ["controller-user", "engineer-user"]) == ["approved", "pending"]
    assert value(database) == "approved"
    with database.read() as connection:
        assert len(audit.entries(connection, kind="approval.approved", limit=9)) == 1
        assert audit.verify(connection).whole


def test_one_person_at_once_is_one_voice(database: Database, where: Settings) -> None:
    opened(database, asked(amount="5000"))
    first, second = _race(_vote, where, ["controller-user", "controller-user"])
    assert "answered decision AAAA-0001 already" in first
    assert second == "pending"
    with database.read() as connection:
        found = store.of_decision(connection, "AAAA-0001")
    assert found is not None
    assert len(found.votes) == 1


@pytest.mark.parametrize("amount", ["10", "5000"])
def test_a_link_is_used_once(database: Database, where: Settings, amount: str) -> None:
    opened(database, asked(amount=amount))
    with database.begin() as connection:
        link = links.make(
            connection, SIGNING, "AAAA-0001", "controller", law(), by="operator", maker=user("operator"), at=LATER
        )
    found = _race(_use, where, [link, link])
    assert len([said for said in found if said in ("approved", "pending")]) == 1
    assert any("good for one answer" in said for said in found)

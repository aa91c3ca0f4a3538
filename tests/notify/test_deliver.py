"""Delivery to a real receiver: signed, in order, at least once, tried again, given up, listed."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.notify.conftest import Receiver

from infragod.db import audit
from infragod.db.connection import Database
from infragod.notify import deliver, signature, store
from infragod.notify.webhooks import Target
from infragod.settings import Settings

SECRET = b"a secret of more than sixteen bytes"
BASE = "https://cost.example.com"


def target(receiver: Receiver, *events: str, kind: str = "json") -> Target:
    return Target("ops", kind, receiver.url, events or ("*",), SECRET if kind == "json" else b"")


def write(database: Database, *kinds: str) -> None:
    with database.begin() as connection:
        for n, kind in enumerate(kinds):
            audit.append(connection, kind, "ci", {"decision": "7F3K-9Q2M", "n": n})


def started(database: Database, receiver: Receiver, *events: str) -> Target:
    made = target(receiver, *events)
    deliver.register(database, [made])
    return made


def test_an_event_arrives_signed_with_its_id(database: Database, receiver: Receiver) -> None:
    write(database, "before")
    made = started(database, receiver)
    write(database, "decision")
    assert deliver.deliver(database, made, BASE) == deliver.Outcome(delivered=1)
    (got,) = receiver.received
    stamp, signed = got.headers["x-infragod-timestamp"], got.headers["x-infragod-signature"]
    now = datetime.now(UTC).timestamp()
    assert signature.verify(SECRET, stamp, signed, got.body, now=now)
    assert not signature.verify(SECRET, stamp, signed, got.body + b" ", now=now)
    assert not signature.verify(SECRET, stamp, signed, got.body, now=now + 301)
    assert not signature.verify(SECRET, "٣", signed, got.body, now=now)
    with database.read() as connection:
        entry = audit.entries(connection)[0]
    assert got.content == {
        "id": f"2-{entry.hash[:16]}",
        "event": "decision",
        "at": entry.at.isoformat(),
        "actor": "ci",
        "details": {"decision": "7F3K-9Q2M", "n": 0},
        "url": f"{BASE}/decisions/7F3K-9Q2M",
    }
    assert got.headers["x-infragod-delivery"] == got.content["id"]
    assert got.headers["x-infragod-event"] == "decision"


def test_only_what_is_wanted_comes_and_nothing_twice(database: Database, receiver: Receiver) -> None:
    made = started(database, receiver, "decision", "approval.*")
    write(database, "decision", "approval.asked", "token.create", "approval.given")
    assert deliver.deliver(database, made, BASE).delivered == 3
    assert deliver.deliver(database, made, BASE) == deliver.Outcome()
    assert [r.content["event"] for r in receiver.received] == ["decision", "approval.asked", "approval.given"]


def test_what_is_rolled_back_is_never_sent(database: Database, receiver: Receiver) -> None:
    made = started(database, receiver)
    with database.engine.begin() as connection:
        audit.append(connection, "decision", "ci", {})
        connection.rollback()
    write(database, "approval.asked")
    deliver.deliver(database, made, BASE)
    assert [r.content["event"] for r in receiver.received] == ["approval.asked"]


def test_a_failure_holds_back_what_follows_until_it_is_taken(
    database: Database, receiver: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = started(database, receiver)
    write(database, "a", "b")
    receiver.answers = [(500, {})]
    with caplog.at_level(logging.WARNING):
        assert deliver.deliver(database, made, BASE) == deliver.Outcome(failed=1)
    assert "answered 500; next try in 1 s" in caplog.text
    assert "path-that-is-secret" not in caplog.text + repr(made)
    assert SECRET.decode() not in caplog.text + repr(made)
    assert deliver.deliver(database, made, BASE) == deliver.Outcome()
    assert len(receiver.received) == 1
    later = datetime.now(UTC) + timedelta(seconds=2)
    monkeypatch.setattr(deliver, "_now", lambda: later)
    assert deliver.deliver(database, made, BASE).delivered == 2
    assert [r.content["event"] for r in receiver.received] == ["a", "a", "b"]
    assert receiver.received[0].content["id"] == receiver.received[1].content["id"]


def test_the_pause_doubles_up_to_ten_minutes() -> None:
    pauses = [deliver.pause(n) for n in range(1, deliver.TRIES)]
    assert all(0.75 * min(600, 2**n) <= pause <= min(600, 2**n) for n, pause in enumerate(pauses))
    assert 3600 < sum(pauses) < 4 * 3600


def test_retry_after_is_kept_to(database: Database, receiver: Receiver) -> None:
    made = started(database, receiver)
    write(database, "a")
    receiver.answers = [(429, {"retry-after": "120"})]
    deliver.deliver(database, made, BASE)
    with database.read() as connection:
        (item,) = store.listed(connection, state="waiting")
    assert timedelta(seconds=115) < item.next_at - datetime.now(UTC) <= timedelta(seconds=120)


def test_after_its_tries_an_event_is_dead_and_may_be_revived(
    database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "TRIES", 1)
    made = started(database, receiver)
    write(database, "a", "b", "c")
    receiver.answers = [(500, {}), (410, {})]
    assert deliver.deliver(database, made, BASE) == deliver.Outcome(delivered=1, dead=2)
    with database.read() as connection:
        dead = store.listed(connection, state="dead")
        assert [(d.entry.kind, d.state, d.fault) for d in dead] == [
            ("b", "dead", "answered 410"),
            ("a", "dead", "answered 500"),
        ]
        assert store.counts(connection) == {"ops": (0, 2)}
    with database.begin() as connection:
        assert store.revive(connection, "ops", datetime.now(UTC)) == 2
    assert deliver.deliver(database, made, BASE).delivered == 2
    assert [r.content["event"] for r in receiver.received] == ["a", "b", "c", "a", "b"]


def test_a_redirect_is_no_delivery(database: Database, receiver: Receiver) -> None:
    made = started(database, receiver)
    write(database, "a")
    receiver.answers = [(302, {"location": "http://127.0.0.1:1/elsewhere"})]
    assert deliver.deliver(database, made, BASE).failed == 1
    assert len(receiver.received) == 1


def test_a_target_that_is_not_there_is_a_failure(database: Database) -> None:
    made = Target("gone", "json", "http://127.0.0.1:1/", ("*",), SECRET)
    deliver.register(database, [made])
    write(database, "a")
    assert deliver.deliver(database, made, BASE).failed == 1
    with database.read() as connection:
        assert store.listed(connection)[0].fault == "cannot be reached (ConnectError)"


def test_another_deliverer_keeps_out_until_the_lease_of_a_dead_one_ends(
    database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = started(database, receiver)
    write(database, "a")
    with database.begin() as connection:
        assert store.claim(connection, "ops", "the other", datetime.now(UTC))
    assert deliver.deliver(database, made, BASE) == deliver.Outcome()
    later = datetime.now(UTC) + store.LEASE
    monkeypatch.setattr(deliver, "_now", lambda: later)
    assert deliver.deliver(database, made, BASE).delivered == 1


def test_a_lease_that_is_lost_ends_the_pass(database: Database, receiver: Receiver) -> None:
    made = started(database, receiver)
    with database.begin() as connection:
        store.claim(connection, "ops", "the other", datetime.now(UTC))

    def send(_: store.Delivery) -> None:
        raise AssertionError("nothing may be sent")

    assert deliver._pass(database, made, send, "me", threading.Event()) == deliver.Outcome()


def test_a_target_that_nobody_registered_has_no_work(database: Database, receiver: Receiver) -> None:
    write(database, "a")
    assert deliver.deliver(database, target(receiver), BASE) == deliver.Outcome()


def test_many_entries_are_read_in_steps(
    database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_BATCH", 3)
    made = started(database, receiver, "b")
    write(database, *("a" * 7), "b")
    assert deliver.deliver(database, made, BASE).delivered == 1


def test_a_stop_leaves_the_rest_for_later(database: Database, receiver: Receiver) -> None:
    made = started(database, receiver)
    write(database, "a")
    stop = threading.Event()
    stop.set()
    assert deliver.deliver(database, made, BASE, stop) == deliver.Outcome()
    assert deliver.deliver(database, made, BASE).delivered == 1


def test_old_deliveries_are_forgotten(database: Database, receiver: Receiver) -> None:
    made = started(database, receiver)
    write(database, "a")
    deliver.deliver(database, made, BASE)
    with database.begin() as connection:
        assert store.forget(connection, datetime.now(UTC)) == 0
        assert store.forget(connection, datetime.now(UTC) + store.KEPT + timedelta(days=1)) == 1


RACER = """
import sys
from infragod.db.connection import Database
from infragod.notify import deliver
from infragod.notify.webhooks import Target
from infragod.settings import Settings
from pathlib import Path
home, url, hook = sys.argv[1:]
target = Target("ops", "json", hook, ("*",), b"a secret of more than sixteen bytes")
with Database.open(Settings(home=Path(home), database_url=url)) as database:
    print("ready", flush=True)
    sys.stdin.readline()
    total = 0
    for _ in range(400):
        done = deliver.deliver(database, target, "")
        assert not done.failed and not done.dead, done
        total += done.delivered
    print(total)
"""


def test_deliverers_in_a_race_send_each_event_once_and_in_order(
    where: Settings, database: Database, receiver: Receiver
) -> None:
    started(database, receiver)
    write(database, *(f"event.{n}" for n in range(40)))
    arguments = [sys.executable, "-c", RACER, str(where.home), where.database_url, receiver.url]
    racers = [_spawn(arguments) for _ in range(3)]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    write(database, *(f"event.{n}" for n in range(40, 80)))  # while they deliver
    totals = [int(racer.communicate(timeout=60)[0]) for racer in racers]
    rest = deliver.deliver(database, target(receiver), "").delivered
    assert sum(totals) + rest == 80
    assert [r.content["event"] for r in receiver.received] == [f"event.{n}" for n in range(80)]


def _spawn(arguments: list[str]) -> Any:
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

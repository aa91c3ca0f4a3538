"""Reminders and announcements: each once a period, by whoever comes first, and told to targets that may know."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.approval.ask import TEXT, asked, law
from tests.postgres import database, postgres, where

from infragod.approval import requests
from infragod.db import audit
from infragod.db.connection import Database
from infragod.notify import message
from infragod.notify.channel import Brief, Invitation
from infragod.policy import waivers
from infragod.policy.invite import Inviter
from infragod.policy.remind import remind
from infragod.policy.waivers import store as waiver_store
from infragod.resource import Level
from infragod.settings import Settings

__all__ = ["database", "postgres", "where"]
NOW = datetime.now(UTC)
RACE = """
import sys, pathlib
from datetime import UTC, datetime, timedelta
from infragod.db.connection import Database
from infragod.settings import Settings
from infragod.policy.remind import remind
from tests.approval.ask import law
settings = Settings(home=pathlib.Path(sys.argv[1]), database_url=sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
with Database.open(settings) as database, database.begin() as connection:
    done = remind(connection, law(), sys.argv[3], datetime.now(UTC) + timedelta(days=3))
print(len(done.approvals), len(done.waivers))
"""


def prepare(database: Database) -> None:
    """A request that waits since today, and a waiver that ends in ten days."""
    with database.begin() as connection:
        state = requests.attach(connection, asked(), law(), NOW)
        requests.belongs(connection, state, "AAAA-0001")
        until = NOW.date() + timedelta(days=10)
        new = waivers.Proposal("old-generation", "*", "*", "moves", "checkout", "engineer", until)
        waivers.add(connection, new, Level.ADVISORY, NOW)


def kinds(database: Database) -> list[str]:
    with database.read() as connection:
        return [e.kind for e in audit.entries(connection) if e.kind in ("approval.reminded", "waiver.ending")]


def test_each_is_told_once_a_period(database: Database) -> None:
    prepare(database)
    with database.begin() as connection:
        first = remind(connection, law(), "InfraGod", NOW + timedelta(hours=1))
        assert (len(first.approvals), len(first.waivers)) == (0, 1)
        second = remind(connection, law(), "InfraGod", NOW + timedelta(days=3))
        assert {r.person for r in second.approvals} >= {"controller", "lead of checkout"}
        assert not remind(connection, law(), "InfraGod", NOW + timedelta(days=3, hours=1))
        assert remind(connection, law(), "InfraGod", NOW + timedelta(days=5, hours=1)).approvals
        (entry,) = audit.entries(connection, kind="waiver.ending")
        assert (entry.details["waiver"], entry.details["days_left"]) == ("W1", 10)
    assert sorted(kinds(database)) == ["approval.reminded", "approval.reminded", "waiver.ending"]


def test_what_is_far_off_ended_or_covers_nothing_is_not_announced(database: Database) -> None:
    with database.begin() as connection:
        for days, level in ((15, Level.ADVISORY), (5, Level.MANDATORY), (5, Level.ADVISORY)):
            until = NOW.date() + timedelta(days=days)
            new = waivers.Proposal("r", "*", "*", "why", "checkout", "engineer", until)
            last = waivers.add(connection, new, level, NOW)
        waiver_store.end(connection, last.id, "engineer")
        assert not remind(connection, law(), "InfraGod", NOW)
        announced = remind(connection, law(), "InfraGod", NOW + timedelta(days=1)).waivers
    assert [waiver.id for waiver in announced] == ["W1"]


def test_two_processes_remind_once(database: Database, where: Settings) -> None:
    prepare(database)
    command = [sys.executable, "-c", RACE, str(where.home), where.database_url]
    root = Path(__file__).parents[2]
    racers = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
        for name in ("one", "other")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    said = sorted(racer.communicate(timeout=120)[0].strip() for racer in racers)
    assert said[0] == "0 0"
    assert said[1].endswith(" 1")
    assert sorted(kinds(database)) == ["approval.reminded", "waiver.ending"]


@pytest.mark.parametrize("wanted", [True, False])
def test_links_go_only_where_they_may(database: Database, tmp_path: Path, wanted: bool) -> None:  # noqa: FBT001
    (tmp_path / "approvals.toml").write_text(TEXT)
    prepare(database)
    with database.read() as connection:
        (entry,) = audit.entries(connection, kind="approval.opened")
    brief = Inviter(Settings(home=tmp_path, folder=tmp_path), database, "https://x.example")(entry, wanted)
    assert {i.person for i in brief.invited} >= {"controller", "financial engineer", "lead of checkout"}
    assert all(bool(i.link) is wanted for i in brief.invited)
    assert all(i.link not in repr(brief) for i in brief.invited if i.link)
    told = message.payload(entry, "https://x.example", brief)
    assert ("links" in told) is wanted
    said = message.slack(entry, "https://x.example", brief)
    assert ("|answer as controller>" in said) is wanted


def test_a_name_makes_no_link_in_slack(database: Database) -> None:
    prepare(database)
    with database.read() as connection:
        (entry,) = audit.entries(connection, kind="approval.opened")
    brief = Brief(invited=(Invitation("<!channel>", "", "https://x.example/l"),))
    assert "<https://x.example/l|answer as &lt;!channel&gt;>" in message.slack(entry, "", brief)

"""The server reminds by itself, and goes on if it cannot."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from infragod.db import audit
from infragod.db.connection import Database
from infragod.policy.waivers import Proposal, add
from infragod.resource import Level
from infragod.settings import Settings
from infragod.web.app import create
from tests.web.conftest import settings_of

NOW = datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a waiver that is about to end."""
    made = settings_of(tmp_path)
    with Database.open(made) as database, database.begin() as connection:
        until = NOW.date() + timedelta(days=3)
        add(connection, Proposal("r", "*", "*", "why", "checkout", "engineer", until), Level.ADVISORY, NOW)
    return made


def announced(settings: Settings) -> int:
    with Database.open(settings) as database, database.read() as connection:
        return len(audit.entries(connection, kind="waiver.ending"))


def test_a_server_that_starts_reminds_once(settings: Settings) -> None:
    for _ in range(2):
        with TestClient(create(settings), base_url="http://127.0.0.1"):
            end = time.monotonic() + 30
            while not announced(settings) and time.monotonic() < end:
                time.sleep(0.05)
    assert announced(settings) == 1


def test_it_can_be_turned_off(settings: Settings) -> None:
    with TestClient(create(replace(settings, remind_minutes=0)), base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        time.sleep(0.5)
    assert announced(settings) == 0


def test_a_broken_approvals_toml_does_not_end_the_server(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    (settings.folder / "approvals.toml").write_text("= no TOML")
    with TestClient(create(settings), base_url="http://127.0.0.1") as client:
        end = time.monotonic() + 30
        while "nobody could be reminded" not in caplog.text and time.monotonic() < end:
            time.sleep(0.05)
        assert client.get("/healthz").status_code == 200
    assert "nobody could be reminded" in caplog.text

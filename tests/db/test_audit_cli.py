from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from infragod.cli.main import main
from infragod.db import audit
from infragod.db.connection import Database
from infragod.settings import Settings


@pytest.fixture
def log(home: Path) -> list[str]:
    """Three entries; their hashes."""
    with Database.open(Settings(home=home)) as database, database.begin() as connection:
        return [audit.append(connection, kind, "role", {"n": "x" * 90}) for kind in ("one", "two", "one")]


def test_a_whole_log_is_said_to_be_whole(log: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == f"the audit log is whole: 3 entries, last hash {log[-1]}\n"
    assert main(["audit", "verify", "--anchor", log[0]]) == 0


def test_a_broken_log_exits_with_one(home: Path, log: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "--anchor", "0" * 64]) == 1
    assert "cut off or rewritten" in capsys.readouterr().out
    with Database.open(Settings(home=home)) as database, database.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE number = 2"))
    assert main(["audit", "verify"]) == 1
    shown = capsys.readouterr().out
    assert "the audit log is broken: entry 2 (two, " in shown
    assert "1 entries before it are whole" in shown


def test_entries_are_listed_newest_first(log: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "list", "--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "2"]
    assert max(len(line) for line in lines) == 100
    assert main(["audit", "list", "--kind", "one", "--before", "3", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["number"], entry["hash"]) == (1, log[0])
    assert main(["audit", "list", "--kind", "none"]) == 0
    assert "has no such entry" in capsys.readouterr().out


def test_no_database_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify"]) == 2
    assert "there is no database at" in capsys.readouterr().err

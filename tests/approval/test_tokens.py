from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from infragod.approval import store
from infragod.approval.tokens import digest, mint, parse_scopes
from infragod.cli.main import main
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError

NOW = datetime.now(UTC)


def test_a_token_may_do_what_its_scopes_say(database: Database) -> None:
    with database.begin() as connection:
        secret = store.create(connection, "ci", ("check",), actor="role")
    with database.read() as connection:
        info = store.authenticate(connection, secret, "check")
        assert info is not None
        assert (info.name, info.scopes, info.created_by) == ("ci", ("check",), "role")
        assert store.authenticate(connection, secret, "read") is None
        assert store.authenticate(connection, mint(), "check") is None
        assert store.authenticate(connection, "", "check") is None


def test_a_token_ends_when_it_expires_or_is_revoked(database: Database) -> None:
    with database.begin() as connection:
        secret = store.create(connection, "ci", ("check",), actor="role", expires_at=NOW + timedelta(days=1))
        assert store.authenticate(connection, secret, "check") is not None
        assert store.authenticate(connection, secret, "check", NOW + timedelta(days=1)) is None
        store.revoke(connection, "ci", actor="role")
        assert store.authenticate(connection, secret, "check") is None
        assert [t.state(NOW) for t in store.tokens(connection)] == ["revoked"]


def test_a_name_is_taken_until_it_is_revoked(database: Database) -> None:
    with database.begin() as connection:
        store.create(connection, "ci", ("check",), actor="role")
        with pytest.raises(InputError, match="there is a token named 'ci' already"):
            store.create(connection, "ci", ("read",), actor="role")
        store.revoke(connection, "ci", actor="role")
        with pytest.raises(InputError, match="no token named 'ci' in force"):
            store.revoke(connection, "ci", actor="role")
        store.create(connection, "ci", ("read",), actor="role")
        kinds = [e.kind for e in audit.entries(connection)]
    assert kinds == ["token.create", "token.revoke", "token.create"]


def test_the_token_itself_is_kept_nowhere(database: Database) -> None:
    with database.begin() as connection:
        secret = store.create(connection, "ci", ("check",), actor="role")
        rows = [str(connection.execute(text(f"SELECT * FROM {table}")).all()) for table in ("token", "audit")]
    assert secret.startswith("igt_")
    assert not any(secret in row for row in rows)
    assert digest(secret) in rows[0]


def test_scopes_as_people_write_them() -> None:
    assert parse_scopes("read, check,read") == ("check", "read")
    for wrong in ("", "chek", "check,write"):
        with pytest.raises(InputError, match="is no scope of a token; the scopes are check, read, "):
            parse_scopes(wrong)


def test_two_tokens_are_never_alike() -> None:
    assert len({mint() for _ in range(1000)}) == 1000


def test_the_command_makes_lists_and_revokes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "list"]) == 0
    assert "there are no tokens" in capsys.readouterr().out
    assert main(["token", "create", "ci", "--scope", "check,read", "--expires", "30"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("igt_")
    assert "may check and read, until" in shown.err
    assert main(["token", "create", "pages", "--scope", "read"]) == 0
    assert "until it is revoked" in capsys.readouterr().err
    assert main(["token", "revoke", "ci"]) == 0
    assert main(["token", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()[-2:]
    assert [line.split()[:3] for line in lines] == [["ci", "check,read", "revoked"], ["pages", "read", "valid"]]
    assert main(["token", "list", "--format", "json"]) == 0
    assert [t["state"] for t in json.loads(capsys.readouterr().out)] == ["revoked", "valid"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["create", " ", "--scope", "check"], "a token needs a name"),
        (["create", "x\n", "--scope", "check"], "control character"),
        (["create", "x", "--scope", "check", "--expires", "0"], "--expires 0 is no number of days"),
        (["create", "x", "--scope", "all"], "'all' is no scope"),
        (["revoke", "x"], "no token named 'x' in force"),
    ],
)
def test_wrong_use_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["token", *arguments]) == 2
    assert sentence in capsys.readouterr().err

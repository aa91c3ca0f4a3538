"""The wrapper and a real server: the grant is taken there, and where the server keeps the state it is the password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infragod import settings as settings_module
from infragod.approval import store as tokens
from infragod.db import audit
from infragod.db.connection import Database
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from infragod.policy.grants import State
from tests.cli.test_remote import serving
from tests.cli.wrapped import configuration, issued, terraform, wrapped

__all__ = ["terraform"]


@pytest.fixture
def theirs(home: Path, tmp_path: Path) -> Iterator[Database]:
    """The server's database."""
    folder = tmp_path / "server"
    with Database.open(settings_module.load(env={"INFRAGOD_HOME": str(folder)}, cwd=tmp_path)) as opened:
        with opened.begin() as connection:
            org_store.replace(connection, Organisation((Team("checkout", None, None),), ()))
        yield opened


def token(database: Database, *scopes: str) -> str:
    with database.begin() as connection:
        return tokens.create(connection, "-".join(scopes), scopes, actor="test")


def test_any_backend(theirs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terraform: object) -> None:
    configuration(Path.cwd(), "fine")
    with serving(tmp_path / "server") as address:
        monkeypatch.setenv("INFRAGOD_URL", address)
        monkeypatch.setenv("INFRAGOD_TOKEN", token(theirs, "check"))
        assert wrapped("init").returncode == 0
        refused = wrapped("apply", "-auto-approve")
        assert (refused.returncode, "this token may not apply" in refused.stderr) == (2, True)
        monkeypatch.setenv("INFRAGOD_TOKEN", token(theirs, "apply", "check"))
        done = wrapped("apply", "-auto-approve")
        assert done.returncode == 0, done.stderr
    (grant,) = issued(theirs)
    assert (grant.state, grant.actor, grant.note) == (State.USED, "apply-check", "applied")


def test_the_server_s_own_backend(
    theirs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terraform: object
) -> None:
    configuration(Path.cwd(), "fine")
    Path("backend.tf").write_text('terraform {\n  backend "http" {}\n}\n')
    with serving(tmp_path / "server") as address:
        monkeypatch.setenv("INFRAGOD_URL", address)
        monkeypatch.setenv("INFRAGOD_TOKEN", token(theirs, "apply", "check"))
        for name in ("TF_HTTP_ADDRESS", "TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS"):
            monkeypatch.setenv(name, f"{address}/v1/state/shop%2Fprod")
        monkeypatch.setenv("TF_HTTP_LOCK_METHOD", "LOCK")
        monkeypatch.setenv("TF_HTTP_UNLOCK_METHOD", "UNLOCK")
        monkeypatch.setenv("TF_HTTP_USERNAME", "token")
        monkeypatch.setenv("TF_HTTP_PASSWORD", token(theirs, "state"))
        assert wrapped("init").returncode == 0
        done = wrapped("apply", "-auto-approve")
        assert done.returncode == 0, done.stdout + done.stderr
        again = wrapped("apply", "-auto-approve", "-var=v=2")
        assert again.returncode == 0, again.stdout + again.stderr
    newest, first = issued(theirs)
    assert (first.workspace, first.serial, first.state, first.note) == ("shop/prod", 0, State.USED, "applied")
    assert (newest.serial > 0, newest.lineage != "", newest.state) == (True, True, State.USED)
    with theirs.read() as connection:
        assert not [e for e in audit.entries(connection) if e.kind.startswith("incident")]

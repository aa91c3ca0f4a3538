"""A server that is killed between its 200 and the outcome: the next one goes on with what was begun."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from infragod import settings as settings_module
from infragod.approval import requests
from infragod.approval.authority import Account
from infragod.db.connection import Database
from infragod.policy import bundle
from infragod.policy import store as decisions
from infragod.terraform.run_task.store import run_task
from tests.approval.ask import TEXT
from tests.cli.wrapped import RULE
from tests.web import test_run_task as protocol
from tests.web.test_run_task import TOKEN, Theirs, theirs

__all__ = ["theirs"]

SERVE = (
    "import sys; from datetime import timedelta;"
    "from infragod.terraform.run_task import store; store.LEASE = timedelta(seconds=2);"
    "from infragod.web import run_tasks; run_tasks.POLL = 0.1;"
    "from infragod.cli.main import main; sys.exit(main(['serve', '--port', sys.argv[1]]))"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a server is started in: a plan named `asked` needs approval there."""
    (tmp_path / "approvals.toml").write_text(TEXT)
    (tmp_path / "rules").mkdir()
    rule = RULE.format(id="no-asked", word="asked", level="approval")
    (tmp_path / "rules" / "no-asked.sql").write_text(rule)
    (tmp_path / "infragod.toml").write_text(
        f'home = "{tmp_path / "home"}"\nrun_task_key = "{protocol.KEY}"\nrun_task_hosts = "127.0.0.1"\n'
    )
    return tmp_path


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The real server in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith("INFRAGOD_")}
    command = [sys.executable, "-c", SERVE, str(port)]
    with subprocess.Popen(command, cwd=folder, env=env, stderr=subprocess.PIPE, text=True) as server:
        url = f"http://127.0.0.1:{port}"
        _ready(url)
        try:
            yield server, url
        finally:
            server.kill()


def _ready(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def post(url: str, theirs: Theirs) -> None:
    import hashlib
    import hmac
    import json

    body = json.dumps(protocol.request(theirs)).encode()
    signature = hmac.new(protocol.KEY.encode(), body, hashlib.sha512).hexdigest()
    assert (
        httpx.post(f"{url}/v1/run-task", content=body, headers={"x-tfc-task-signature": signature}).status_code == 200
    )


def test_killed_while_an_approval_is_awaited_the_next_server_goes_on(folder: Path, theirs: Theirs) -> None:
    theirs.plan = protocol.plan("asked")
    with serving(folder) as (server, url):
        post(url, theirs)
        protocol.wait(lambda: any("waits for approval" in _said(told) for told in theirs.told))
        server.kill()
        server.wait()
    before = len(theirs.told)
    settings = settings_module.load(env={}, cwd=folder)
    with Database.open(settings) as database:
        assert TOKEN.encode() not in _everything(folder / "home")
        (line,) = _lines(database)
        with database.begin() as connection:
            law = bundle.authority(settings, None)
            for person in ("controller-user", "engineer-user"):
                account = Account("user", person)
                if requests.answer(connection, line, account, "grant", law, via="test").passes:
                    break
        with serving(folder):
            protocol.ended(theirs)
            protocol.wait(lambda: _status(database) == "passed")
        assert theirs.statuses[-1] == "passed"
        assert len(theirs.told) > before
        assert theirs.last["message"] == f"Decision {line} is approved."
        assert _lines(database) == [line]  # and it was not decided twice
        with database.read() as connection:
            (row,) = connection.execute(run_task.select()).all()
        assert (row.status, row.request, row.held_by) == ("passed", None, None)


def test_killed_at_once_the_next_server_decides(folder: Path, theirs: Theirs) -> None:
    theirs.refusals = [503] * 3  # the word `running` does not arrive, nor does any other before the end
    with serving(folder) as (server, url):
        post(url, theirs)
        server.kill()
        server.wait()
    theirs.refusals, begun = [], len(theirs.told)
    if "passed" not in theirs.statuses:
        with serving(folder):
            protocol.ended(theirs)
        assert len(theirs.told) > begun
    assert theirs.statuses[-1] == "passed"


def test_what_was_begun_before_its_request_was_kept_is_ended(folder: Path, theirs: Theirs) -> None:
    settings = settings_module.load(env={}, cwd=folder)
    with Database.open(settings) as database:
        with database.begin() as connection:
            from datetime import UTC, datetime

            connection.execute(
                run_task.insert().values(id="taskrs-old", received_at=datetime.now(UTC), status="running")
            )
        with serving(folder):
            protocol.wait(lambda: _status(database) == "lost")
    assert theirs.told == []


def _status(database: Database) -> str:
    with database.read() as connection:
        return str(connection.execute(run_task.select()).one().status)


def _lines(database: Database) -> list[str]:
    with database.read() as connection:
        return [line.id for line in decisions.recent(connection)]


def _said(told: dict[str, object]) -> str:
    return str(told)


def _everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())

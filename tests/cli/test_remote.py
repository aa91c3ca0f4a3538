"""`infragod check` against a real server process: masked here, decided there, outages said plainly."""

from __future__ import annotations

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from infragod.cli import remote
from infragod.cli.main import main
from tests.gate import plans

TAGS = {"team": "checkout", "service": "cart", "environment": "prod"}
SECRET = "hunter2-hunter2"


@pytest.fixture
def plan_file(home: Path) -> str:
    database = {"engine": "mysql", "instance_class": "db.t3.micro", "password": SECRET, "tags_all": TAGS}
    changes = plans.change("aws_db_instance.db", ["create"], None, database, None, {"password": True})
    Path("plan.json").write_bytes(plans.plan(plans.server(**TAGS), changes))
    return "plan.json"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of an InfraGod server whose home is `folder`."""
    env = os.environ | {"INFRAGOD_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "infragod", "serve", "--port", "0"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                break
        else:
            raise AssertionError(f"the server did not start: {''.join(lines)}")
    finally:
        process.terminate()
        process.stdout.close()
        process.wait(timeout=20)


def token(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setenv("INFRAGOD_HOME", str(folder))
    assert main(["token", "create", "pipeline", "--scope", "check"]) == 0
    return capsys.readouterr().out.strip()


def test_the_server_decides_and_keeps(
    plan_file: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "server"
    secret = token(theirs, monkeypatch, capsys)
    monkeypatch.setenv("INFRAGOD_HOME", str(home))
    with serving(theirs) as address:
        monkeypatch.setenv("INFRAGOD_URL", address)
        monkeypatch.setenv("INFRAGOD_TOKEN", secret)
        assert main(["check", plan_file, "--workspace", "shop", "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
        monkeypatch.setenv("INFRAGOD_TOKEN", "igt_wrong")
        assert main(["check", plan_file]) == 2
        assert "refused the token" in capsys.readouterr().err
    assert (document["workspace"], document["actor"]) == ("shop", "pipeline")
    assert document["url"] == f"{address}/decisions/{document['decision']}"
    assert not (home / "infragod.db").exists()
    assert SECRET.encode() not in b"".join(p.read_bytes() for p in theirs.rglob("*") if p.is_file())


class Recorder(http.server.BaseHTTPRequestHandler):
    """A server that is not InfraGod: keeps what it is sent, and answers what it is told to."""

    answers: Queue[tuple[int, bytes]]
    seen: Queue[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        self.seen.put((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        status, body = self.answers.get()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Recorder]]:
    handler = type("Handler", (Recorder,), {"answers": Queue(), "seen": Queue()})
    monkeypatch.setattr(remote, "PAUSE", 0.0)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("INFRAGOD_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("INFRAGOD_TOKEN", "igt_x")
        yield handler
        server.shutdown()


def test_no_secret_leaves_the_machine(plan_file: str, other: type[Recorder]) -> None:
    import gzip

    other.answers.put((400, b'{"error": "no"}'))
    assert main(["check", plan_file]) == 2
    headers, body = other.seen.get_nowait()
    assert SECRET.encode() not in gzip.decompress(body)
    assert b"db.t3.micro" in gzip.decompress(body)
    assert headers["Authorization"] == "Bearer igt_x"


def test_a_busy_server_is_asked_again_with_the_same_key(plan_file: str, other: type[Recorder]) -> None:
    for status in (503, 429, 422):
        other.answers.put((status, b'{"error": "plan.json is no plan"}'))
    assert main(["check", plan_file]) == 2
    keys = {other.seen.get_nowait()[0]["Idempotency-Key"] for _ in range(3)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "is no InfraGod server"),
        (200, b"{}", "is no InfraGod server"),
        (500, b"", "answered 500"),
        (404, b"", "status 404"),
        (401, b'{"error": "unknown token"}', "refused the token: unknown token"),
    ],
)
def test_what_answers_is_said(
    plan_file: str, other: type[Recorder], capsys: pytest.CaptureFixture[str], status: int, body: bytes, said: str
) -> None:
    other.answers.put((status, body))
    assert main(["check", plan_file]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(("mode", "code"), [("closed", 2), ("open", 0)])
def test_an_outage_answers_as_the_operator_chose(
    plan_file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mode: str, code: int
) -> None:
    monkeypatch.setattr(remote, "PAUSE", 0.0)
    monkeypatch.setenv("INFRAGOD_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("INFRAGOD_TOKEN", "igt_x")
    monkeypatch.setenv("INFRAGOD_ON_OUTAGE", mode)
    assert main(["check", plan_file]) == code
    printed = capsys.readouterr()
    assert "cannot be reached" in printed.err
    assert f"on_outage is {mode}" in printed.err
    assert ("none: the server" in printed.out) == (mode == "open")


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("http://infragod.example", "igt_x", "clear text; use https"),
        ("infragod.example", "igt_x", "is no http(s) address"),
        ("https://infragod.example", "", "no token"),
    ],
)
def test_a_wrong_set_up_sends_nothing(
    plan_file: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
    secret: str,
    said: str,
) -> None:
    monkeypatch.setenv("INFRAGOD_URL", url)
    monkeypatch.setenv("INFRAGOD_TOKEN", secret)
    assert main(["check", plan_file]) == 2
    assert said in capsys.readouterr().err


def test_usage_is_the_server_s_matter(
    plan_file: str, other: type[Recorder], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", plan_file, "--usage", "mine.toml"]) == 2
    assert "publish usage.toml" in capsys.readouterr().err

"""A running server sends what happens to its webhooks; the commands show and send it too."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.gate import plans
from tests.notify.conftest import Receiver

from infragod import settings as settings_module
from infragod.approval import store as tokens
from infragod.cli.main import main
from infragod.errors import SetupError
from infragod.web.app import create

SECRET = "0123456789abcdef-ours"


@pytest.fixture
def configured(home: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """A working folder whose settings name the receiver."""
    monkeypatch.setenv("OPS_SECRET", SECRET)
    Path("infragod.toml").write_text(
        f'[notify.webhooks.ops]\nurl = "{receiver.url}"\nsecret_env = "OPS_SECRET"\n'
        'events = ["decision", "notify.*"]\n',
        encoding="utf-8",
    )
    return receiver


def test_a_check_is_told_to_the_webhook(configured: Receiver) -> None:
    settings = replace(settings_module.load(), port=0)
    with TestClient(create(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 5)) as client:
        with client.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]  # a FastAPI application
            token = tokens.create(connection, "ci", ("check",), actor="test")
        headers = {"authorization": f"Bearer {token}"}
        answer = client.post("/v1/checks?workspace=shop", content=plans.plan(plans.server("web")), headers=headers)
        until = time.monotonic() + 10
        while not configured.received and time.monotonic() < until:
            time.sleep(0.05)
    (got,) = configured.received
    assert got.content["event"] == "decision"
    assert got.content["url"] == answer.json()["url"]
    assert got.content["details"]["verdict"] == answer.json()["verdict"]
    assert got.content["details"]["monthly_delta"] == answer.json()["monthly_delta"]


def test_a_server_with_a_wrong_webhook_does_not_start(configured: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPS_SECRET")
    with pytest.raises(SetupError, match="which is not set"):
        create(settings_module.load())


def test_a_target_that_breaks_the_deliverer_does_not_end_the_server(
    configured: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr("infragod.notify.deliver.deliver", broken)
    with TestClient(create(replace(settings_module.load(), port=0)), base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        until = time.monotonic() + 5
        while "webhook ops could not be served" not in caplog.text and time.monotonic() < until:
            time.sleep(0.05)
    assert "webhook ops could not be served" in caplog.text


def test_the_commands_send_list_and_retry(
    configured: Receiver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infragod.notify.deliver.TRIES", 1)
    assert main(["notify", "list"]) == 0
    assert main(["notify", "test", "--note", "hello"]) == 0
    configured.answers = [(500, {})]
    assert main(["notify", "deliver"]) == 1
    assert main(["notify", "list", "--state", "dead"]) == 0
    assert main(["notify", "retry", "ops"]) == 0
    assert main(["notify", "deliver"]) == 0
    capsys.readouterr()
    assert main(["notify", "list", "--format", "json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["event"], item["state"], item["attempts"], item["target"]) == ("notify.test", "delivered", 1, "ops")
    assert [r.content["details"]["note"] for r in configured.received] == ["hello", "hello"]
    assert main(["notify", "retry", "nobody"]) == 2
    assert "no event was ever kept" in capsys.readouterr().err


def test_watching_goes_on_until_interrupted(
    configured: Receiver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    main(["notify", "test"])
    capsys.readouterr()
    monkeypatch.setattr("time.sleep", interrupted)
    assert main(["notify", "deliver", "--watch"]) == 130
    assert capsys.readouterr().out == "ops: 1 delivered, 0 failed, 0 given up\n"


def test_without_webhooks_the_command_says_how_to_set_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notify", "deliver"]) == 2
    assert "[notify.webhooks.NAME]" in capsys.readouterr().err

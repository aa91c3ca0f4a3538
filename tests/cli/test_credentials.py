"""From a plan to credentials that AWS takes: real servers, a real profile, and nothing of it kept anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import CredentialRetrievalError

from infragod import settings as settings_module
from infragod.approval import store as tokens
from infragod.cli.credentials import _warn_of_skew
from infragod.cli.main import main
from infragod.cli.terraform.gates import Held
from infragod.cli.terraform.handover import handed
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import SetupError
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from infragod.settings import Settings
from infragod.terraform.planfile import PlanFile
from tests.aws import ASSUME, ROLE, TABLE, Aws, aws, moto
from tests.cli.test_remote import serving
from tests.cli.wrapped import terraform, wrapped
from tests.gate import plans

__all__ = ["aws", "moto", "terraform"]

TAGS = {"team": "checkout", "service": "cart", "environment": "prod"}


@pytest.fixture
def theirs(home: Path, tmp_path: Path) -> Iterator[Database]:
    """The server's database; its settings, with a role, stand in the working folder."""
    Path("infragod.toml").write_text(TABLE)
    folder = tmp_path / "server"
    with Database.open(settings_module.load(env={"INFRAGOD_HOME": str(folder)}, cwd=tmp_path)) as opened:
        with opened.begin() as connection:
            org_store.replace(connection, Organisation((Team("checkout", None, None),), ()))
        yield opened


def grant(address: str, database: Database, plan: bytes, workspace: str = "shop-prod") -> dict[str, Any]:
    """A grant on that plan, by the API."""
    with database.begin() as connection:
        secret = tokens.create(connection, "pipeline", ("apply", "check"), actor="test")
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {secret}"}, timeout=60) as client:
        decided = client.post(f"/v1/checks?workspace={workspace}", content=plan)
        assert decided.status_code == 200, decided.text
        taken = client.post("/v1/grants", json={"decision": decided.json()["decision"]})
        assert taken.status_code == 201, taken.text
        return dict(taken.json())


def credentials(address: str, held: dict[str, Any], *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    given = {"INFRAGOD_URL": address, "INFRAGOD_GRANT": held["grant"], "INFRAGOD_GRANT_TOKEN": held["token"]}
    command = [sys.executable, "-m", "infragod", "credentials", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env=os.environ | given | more
    )


def instance() -> bytes:
    return plans.plan(plans.server(**TAGS), region="eu-west-1")


def test_a_profile_that_asks_for_credentials(
    aws: Aws, theirs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 runs the command, the server assumes the role, and AWS holds the session to the plan's services."""
    import boto3

    for name, value in aws.server_keys(ASSUME).items():
        monkeypatch.setenv(name, value)
    aws.enforce()
    with serving(tmp_path / "server") as address:
        held = grant(address, theirs, instance())
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        profile = tmp_path / "config"
        profile.write_text(f"[profile grant]\ncredential_process = {sys.executable} -m infragod credentials\n")
        for name, value in (
            ("AWS_CONFIG_FILE", str(profile)),
            ("INFRAGOD_URL", address),
            ("INFRAGOD_GRANT", held["grant"]),
            ("INFRAGOD_GRANT_TOKEN", held["token"]),
        ):
            monkeypatch.setenv(name, value)
        session = boto3.session.Session(profile_name="grant")
        who = session.client("sts").get_caller_identity()["Arn"]
        assert (
            who == f"arn:aws:sts::123456789012:assumed-role/infragod-shop/infragod-{held['decision']}-{held['grant']}"
        )
        session.client("ec2").describe_instances()
    (asked,) = aws.asked()
    assert (asked["RoleArn"], asked["ExternalId"], asked["SourceIdentity"]) == (ROLE, "company-7", "pipeline")
    policy = json.loads(asked["Policy"])
    assert policy["Statement"][0] == {
        "Effect": "Allow",
        "Action": "ec2:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    }


def test_the_command_prints_credentials_and_nothing_else(aws: Aws, theirs: Database, tmp_path: Path) -> None:
    with serving(tmp_path / "server") as address:
        held = grant(address, theirs, instance())
        done = credentials(address, held)
        assert (done.returncode, done.stderr) == (0, "")
        assert sorted(json.loads(done.stdout)) == [
            "AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken", "Version",
        ]  # fmt: skip
        other = credentials(address, held, "--role", "admin")
        assert (other.returncode, other.stdout) == (2, "")
        assert other.stderr.startswith("infragod: role 'admin' is not set for shop-prod; an operator adds it")
        httpx.post(f"{address}/v1/grants/{held['grant']}/finish", json={"applied": False}, headers=bearer(held))
        late = credentials(address, held)
        assert (late.returncode, late.stdout) == (2, "")
        assert late.stderr == (
            f"infragod: grant {held['grant']} is released, so it gives no credentials; take a new one\n"
        )
        wrong = credentials(address, held, INFRAGOD_GRANT_TOKEN="igg_wrong")
        assert "refused the token: this is not the token of that grant" in wrong.stderr
    with theirs.read() as connection:
        log = [(e.kind, e.actor) for e in audit.entries(connection) if e.kind.startswith("grant.credentials")]
        assert log == [("grant.credentials.refuse", "pipeline")] * 2 + [("grant.credentials", "pipeline")]
        assert audit.verify(connection).whole


def bearer(held: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {held['token']}"}


def test_a_profile_of_an_ended_grant_says_why(
    aws: Aws, theirs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    with serving(tmp_path / "server") as address:
        held = grant(address, theirs, instance(), "pay-prod")
        file = tmp_path / "grant.json"
        file.write_text(json.dumps({"grant": held["grant"], "token": held["token"], "url": address, "role": ""}))
        file.chmod(0o600)
        profile = tmp_path / "config"
        command = f"{sys.executable} -m infragod credentials --grant-file {file}"
        profile.write_text(f"[profile grant]\ncredential_process = {command}\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(profile))
        with pytest.raises(CredentialRetrievalError, match="no role is set for pay-prod"):
            boto3.session.Session(profile_name="grant").client("ec2").describe_instances()


def test_what_is_no_grant(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "grant.json"
    good = {"grant": "G", "token": "igg_x", "url": "http://127.0.0.1:9", "role": ""}

    def said(*words: str) -> str:
        assert main(["credentials", *words]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err

    assert "there is no grant; run this under `infragod terraform apply`" in said()
    assert "it is gone when its apply has ended" in said("--grant-file", str(file))
    for text in ("{", "[]", '{"grant": "G"}'):
        file.write_text(text)
        assert "holds no grant; `infragod terraform apply` writes one" in said("--grant-file", str(file))
    file.write_text(json.dumps(good))
    file.chmod(0o644)
    assert "others than its owner may read the grant" in said("--grant-file", str(file))
    file.chmod(0o600)
    file.write_text(json.dumps(good | {"url": ""}))
    assert "credentials are given by a server alone; set url" in said("--grant-file", str(file))
    file.write_text(json.dumps(good | {"url": "http://gate.example.com"}))
    assert "in clear text; use https" in said("--grant-file", str(file))


@pytest.mark.parametrize(("minutes", "warned"), [(4, False), (-6, True), (90, True)])
def test_a_clock_that_is_wrong(minutes: int, warned: bool, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001
    _warn_of_skew({"now": (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()})
    assert ("minutes off the server's; AWS refuses what is signed" in capsys.readouterr().err) is warned


# the wrapper

LOCAL_EXEC = """
resource "terraform_data" "fine" {{
  provisioner "local-exec" {{
    command = "{python} {script}"
  }}
}}
"""
SCRIPT = """
import json, os, pathlib
import boto3
told = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "INFRAGOD_"))}
session = boto3.session.Session()
try:
    who = session.client("sts", region_name="eu-west-1").get_caller_identity()["Arn"]
except Exception as error:
    who = str(error)
pathlib.Path(os.environ["SAID"]).write_text(json.dumps({"who": who, "env": told}))
"""


@pytest.fixture
def provisioned(terraform: object, tmp_path: Path) -> Path:
    """A folder whose apply asks AWS who it is; where it says so."""
    script = tmp_path / "who.py"
    script.write_text(SCRIPT)
    Path("main.tf").write_text(LOCAL_EXEC.format(python=sys.executable, script=script))
    return tmp_path / "said.json"


def test_what_an_apply_is_handed(
    aws: Aws, theirs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provisioned: Path
) -> None:
    """Real Terraform; its plan holds nothing of AWS, so the profile leads to the server, and that says why not."""
    with theirs.begin() as connection:
        secret = tokens.create(connection, "pipeline", ("apply", "check"), actor="test")
    said: dict[str, Any] = {}
    with serving(tmp_path / "server") as address:
        for name, value in (
            ("SAID", str(provisioned)),
            ("INFRAGOD_URL", address),
            ("INFRAGOD_TOKEN", secret),
            ("INFRAGOD_WORKSPACE", "shop-prod"),
        ):
            monkeypatch.setenv(name, value)
        assert wrapped("init").returncode == 0
        for mode in ("off", "profile", "grant"):
            done = wrapped("apply", "-auto-approve", "-replace=terraform_data.fine", INFRAGOD_AWS_CREDENTIALS=mode)
            assert done.returncode == 0, done.stdout + done.stderr
            said[mode] = json.loads(provisioned.read_text())
    assert "igg_" not in str(said)
    assert "igt_" not in str(said)
    assert "the plan holds nothing of AWS, so no credentials come of it" in said["profile"]["who"]
    told = said["profile"]["env"]
    assert "AWS_ACCESS_KEY_ID" not in told
    assert not Path(told["AWS_CONFIG_FILE"]).exists()  # it went with the apply
    assert {mode: "INFRAGOD_GRANT_FILE" in said[mode]["env"] for mode in said} == {
        "off": False,
        "profile": False,
        "grant": True,
    }
    assert {said[mode]["env"]["AWS_ACCESS_KEY_ID"] for mode in ("off", "grant")} == {"test"}
    state = Path("terraform.tfstate").read_text()
    assert ("igg_" in state, "credential_process" in state) == (False, False)


def test_a_profile_as_the_wrapper_writes_it(
    aws: Aws, theirs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of an apply, with a grant on a plan of AWS: another program finds the session by itself."""
    with serving(tmp_path / "server") as address:
        got = grant(address, theirs, instance())
        told = Settings(url=address, aws_credentials="profile")
        held = Held(got["grant"], got["token"], "shop-prod", datetime.now(UTC), PlanFile("l", 1, "d" * 64))
        folder = tmp_path / "it's private"
        folder.mkdir(mode=0o700)
        environment = handed(told, held, folder, dict(os.environ))
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert got["token"] not in str(environment)
        script = tmp_path / "who.py"
        script.write_text(SCRIPT)
        said = tmp_path / "said.json"
        subprocess.run([sys.executable, str(script)], env=environment | {"SAID": str(said)}, check=True, timeout=120)
    who = json.loads(said.read_text())["who"]
    assert who.endswith(f":assumed-role/infragod-shop/infragod-{got['decision']}-{got['grant']}")
    with pytest.raises(SetupError, match="credentials are given by a server alone"):
        handed(Settings(aws_credentials="profile"), held, folder, {})

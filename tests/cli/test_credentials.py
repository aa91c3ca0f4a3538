"""From a plan to credentials that AWS takes: real servers, a real profile, and nothing of it kept anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError

from infragod import settings as settings_module
from infragod.approval import store as tokens
from infragod.db import audit
from infragod.db.connection import Database
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from tests.aws import ASSUME, ROLE, TABLE, Aws, aws
from tests.cli.test_remote import serving
from tests.gate import plans

__all__ = ["aws"]

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

"""AWS for tests: moto's server in a process of its own, and before it an ear that notes what STS is asked.

Access is enforced once `enforce` was called: moto holds each request against the policies of the role or user whose key
signed it. It does not know session policies and conditions; a test that wants one enforced hangs it into the role.
"""

from __future__ import annotations

import http.client
import http.server
import json
import re
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import pytest

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/infragod-shop"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            "Condition": {"StringEquals": {"sts:ExternalId": "company-7"}},
        }
    ],
}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ASSUME = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}
TABLE = f"""
[broker.roles.shop]
role_arn = "{ROLE}"
workspaces = ["shop*"]
external_id = "company-7"
"""


@dataclass
class Aws:
    """An AWS on this machine: `url` is the ear's, behind which moto is."""

    url: str
    port: int
    heard: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, bytes] | None = None
    """What STS answers in place of moto, if anything."""

    def client(self, service: str, **keys: str) -> Any:
        """A client; with keys of nobody unless some are given."""
        given = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} | keys
        return boto3.client(service, region_name="eu-west-1", endpoint_url=self.url, **given)  # type: ignore[call-overload]

    def role(self, policy: dict[str, Any]) -> None:
        """The role exists, and may do what `policy` says."""
        self.client("iam").put_role_policy(
            RoleName="infragod-shop", PolicyName="all", PolicyDocument=json.dumps(policy)
        )

    def server_keys(self, policy: dict[str, Any]) -> dict[str, str]:
        """The credentials of a new user that InfraGod's server runs as, as its environment has them."""
        iam = self.client("iam")
        iam.create_user(UserName="infragod-server")
        iam.put_user_policy(UserName="infragod-server", PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="infragod-server")["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def enforce(self) -> None:
        """From now on access counts."""
        httpx.post(f"{self.url}/moto-api/reset-auth", content=b"0", timeout=30).raise_for_status()

    def asked(self) -> list[dict[str, str]]:
        """What STS was asked to assume."""
        return [form for form in self.heard if form.get("Action") == "AssumeRole"]


class _Ear(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    aws: Aws

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        form = dict(urllib.parse.parse_qsl(body.decode("latin-1"))) if body.startswith(b"Action=") else {}
        self.aws.heard.append(form)
        if form.get("Action") == "AssumeRole" and self.aws.answer:
            self._say(self.aws.answer[0], "text/xml", self.aws.answer[1])
            return
        behind = http.client.HTTPConnection("127.0.0.1", self.aws.port, timeout=60)
        behind.request(self.command, self.path, body, dict(self.headers))
        answer = behind.getresponse()
        self._say(answer.status, answer.getheader("content-type") or "text/plain", answer.read())
        behind.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def _say(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        pass


@pytest.fixture(scope="session")
def moto() -> Iterator[int]:
    """The port of moto's server, one for all tests of a process."""
    command = [sys.executable, "-u", "-m", "moto.server", "-p", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    found = next(m for line in process.stdout if (m := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
    threading.Thread(target=process.stdout.read, daemon=True).start()  # it must not wait for a reader of its log
    yield int(found[1])
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def aws(moto: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An AWS with the role `infragod-shop` and nothing else, which boto3 finds by the environment."""
    for path, body in (("reset-auth", b"inf"), ("reset", b"")):
        httpx.post(f"http://127.0.0.1:{moto}/moto-api/{path}", content=body, timeout=60).raise_for_status()
    ear = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Ear", (_Ear,), {}))
    made = Aws(f"http://127.0.0.1:{ear.server_address[1]}", moto)
    ear.RequestHandlerClass.aws = made  # type: ignore[attr-defined]
    threading.Thread(target=ear.serve_forever, daemon=True).start()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (
        ("AWS_ENDPOINT_URL", made.url),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(name, value)
    made.client("iam").create_role(RoleName="infragod-shop", AssumeRolePolicyDocument=json.dumps(TRUST))
    made.role(ANYTHING)
    yield made
    ear.shutdown()
    ear.server_close()

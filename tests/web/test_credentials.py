"""`POST /v1/grants/{id}/credentials`: what is asked of STS, what is refused and why, and what is kept: nothing."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from infragod import settings as settings_module
from infragod.db import audit
from infragod.db.base import metadata
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from infragod.policy.grants import store as grants
from infragod.terraform.broker import session_policy
from infragod.web.app import create
from tests.aws import ACCOUNT, ROLE, TABLE, Aws, aws, moto
from tests.gate import plans
from tests.web.conftest import LOCAL, token
from tests.web.test_grants import bearer

__all__ = ["aws", "moto"]

TAGS = {"team": "checkout", "service": "cart", "environment": "prod"}
EC2 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
ERROR = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>{}</Code><Message>what AWS says</Message></Error><RequestId>1</RequestId></ErrorResponse>"""


@pytest.fixture
def company(aws: Aws, tmp_path: Path) -> Iterator[TestClient]:
    """A server of a company with a team, and with a role for the workspaces shop…"""
    (tmp_path / "infragod.toml").write_text(TABLE)
    settings = settings_module.load(env={"INFRAGOD_HOME": str(tmp_path / "home")}, cwd=tmp_path)
    with TestClient(create(settings), base_url=LOCAL, client=("127.0.0.1", 50000)) as made:
        with made.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
            org_store.replace(connection, Organisation((Team("checkout", None, None),), ()))
        yield made


def plan(*changes: dict[str, Any]) -> bytes:
    return plans.plan(*(changes or [plans.server(**TAGS)]), region="eu-west-1")


def held(client: TestClient, body: bytes = b"", workspace: str = "shop-prod", minutes: int = 60) -> dict[str, Any]:
    """A grant on that plan."""
    with client.app.state.site.database.read() as connection:  # type: ignore[attr-defined]
        count = len(grants.recent(connection))
    secret = token(client, "apply", "check", name=f"pipeline-{count}")
    decided = client.post(f"/v1/checks?workspace={workspace}", content=body or plan(), headers=bearer(secret))
    wanted = {"decision": decided.json()["decision"], "minutes": minutes}
    taken = client.post("/v1/grants", json=wanted, headers=bearer(secret))
    assert taken.status_code == 201, taken.text
    return dict(taken.json())


def ask(client: TestClient, grant: dict[str, Any], **body: str) -> Any:
    return client.post(f"/v1/grants/{grant['grant']}/credentials", json=body, headers=bearer(grant["token"]))


def refused(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["refusal"], answer.json()["error"]


def entries(client: TestClient, kind: str) -> list[audit.Entry]:
    with client.app.state.site.database.read() as connection:  # type: ignore[attr-defined]
        return audit.entries(connection, kind=kind)


def claim(client: TestClient, grant: dict[str, Any]) -> None:
    bound = {"workspace": grant["workspace"], "lineage": "", "serial": 0, "lock_id": "lock"}
    answer = client.post(f"/v1/grants/{grant['grant']}/claim", json=bound, headers=bearer(grant["token"]))
    assert answer.status_code == 200, answer.text


def test_what_sts_is_asked_and_what_the_log_says(aws: Aws, company: TestClient) -> None:
    grant = held(company)
    answer = ask(company, grant)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()["credentials"]
    assert sorted(given) == ["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken", "Version"]
    assert datetime.fromisoformat(given["Expiration"]) <= datetime.now(UTC) + timedelta(minutes=60)
    (asked,) = aws.asked()
    assert {name: asked[name] for name in asked if name.startswith(("Tags", "Role", "Source", "External"))} == {
        "RoleArn": ROLE,
        "RoleSessionName": f"infragod-{grant['decision']}-{grant['grant']}",
        "SourceIdentity": "pipeline-0",
        "ExternalId": "company-7",
        "Tags.member.1.Key": "infragod:workspace",
        "Tags.member.1.Value": "shop-prod",
        "Tags.member.2.Key": "infragod:decision",
        "Tags.member.2.Value": grant["decision"],
        "Tags.member.3.Key": "infragod:team",
        "Tags.member.3.Value": "checkout",
    }
    assert 3500 < int(asked["DurationSeconds"]) <= 3600
    assert len(asked["Policy"]) <= session_policy.LARGEST
    (entry,) = entries(company, "grant.credentials")
    assert entry.actor == "pipeline-0"
    assert entry.details == {
        "grant": grant["grant"],
        "decision": grant["decision"],
        "workspace": "shop-prod",
        "role": "shop",
        "role_arn": ROLE,
        "policy_digest": answer.json()["policy_digest"],
        "expires_at": given["Expiration"].replace("Z", "+00:00"),
    } | {"expires_at": entry.details["expires_at"]}


def test_a_session_lasts_no_longer_than_the_grant_and_at_least_what_aws_gives(aws: Aws, company: TestClient) -> None:
    assert ask(company, held(company, minutes=40)).status_code == 200
    assert ask(company, held(company, minutes=5)).status_code == 200
    longer = held(company, minutes=5)
    claim(company, longer)  # an apply may take longer than the grant waits: as long as the role's table says
    assert ask(company, longer).status_code == 200
    seconds = [int(form["DurationSeconds"]) for form in aws.asked()]
    assert 2300 < seconds[0] <= 2400
    assert seconds[1:] == [900, 3600]


def test_no_key_is_kept_anywhere(
    aws: Aws, company: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("botocore", "boto3", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)  # those of AWS log what they sign, and only if told to
    given = ask(company, held(company)).json()["credentials"]
    kept = [given["SecretAccessKey"], given["SessionToken"], given["AccessKeyId"]]
    with company.app.state.site.database.read() as connection:  # type: ignore[attr-defined]
        rows = [str(connection.execute(text(f'SELECT * FROM "{table}"')).all()) for table in metadata.tables]
    said = capfd.readouterr()
    places = [*rows, caplog.text, said.out, said.err]
    assert len(rows) > 10
    assert [secret for secret in kept if any(secret in place for place in places)] == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if any(secret.encode() in path.read_bytes() for secret in kept)] == []


def test_a_grant_that_has_ended_gives_none(aws: Aws, company: TestClient) -> None:
    grant = held(company)
    claim(company, grant)
    end = f"/v1/grants/{grant['grant']}/finish"
    assert ask(company, grant).status_code == 200
    assert company.post(end, json={"applied": True}, headers=bearer(grant["token"])).json()["state"] == "used"
    assert refused(ask(company, grant)) == (
        409, "state", f"grant {grant['grant']} is used, so it gives no credentials; take a new one",
    )  # fmt: skip
    expired = held(company)
    with company.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
        past = datetime.now(UTC) - timedelta(seconds=1)
        row = grants.grant.c.id == expired["grant"]
        connection.execute(grants.grant.update().where(row).values(expires_at=past))
    assert refused(ask(company, expired))[1:] == (
        "state", f"grant {expired['grant']} is expired, so it gives no credentials; take a new one",
    )  # fmt: skip
    old = held(company, workspace="shop-old")
    claim(company, old)
    with company.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
        row = grants.grant.c.id == old["grant"]
        before = datetime.now(UTC) - timedelta(days=1, seconds=1)
        connection.execute(grants.grant.update().where(row).values(claimed_at=before))
    assert refused(ask(company, old))[2] == f"grant {old['grant']} was claimed more than a day ago; take a new one"
    assert len(aws.asked()) == 1
    assert [e.details["reason"] for e in entries(company, "grant.credentials.refuse")] == ["state"] * 3


def test_a_grant_that_ends_while_aws_is_asked_gives_none(
    aws: Aws, company: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infragod.terraform.broker import sts

    grant, real = held(company), sts.assume

    def slow(*args: Any) -> Any:
        found = real(*args)
        with company.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
            grants.release(connection, grant["grant"], actor="operator")
        return found

    monkeypatch.setattr(sts, "assume", slow)
    assert refused(ask(company, grant))[1] == "state"
    assert entries(company, "grant.credentials") == []


def test_only_the_grant_s_own_token_asks(aws: Aws, company: TestClient) -> None:
    one, two = held(company), held(company, workspace="shop-dev")
    for secret in (two["token"], token(company, "apply", "check", "read", name="other"), "igg_x"):
        answer = company.post(f"/v1/grants/{one['grant']}/credentials", json={}, headers=bearer(secret))
        assert (answer.status_code, answer.json()["error"]) == (401, "this is not the token of that grant")
    assert company.post(f"/v1/grants/{one['grant']}/credentials", json={}).status_code == 401
    assert ask(company, one, other="x").status_code == 422
    assert aws.asked() == []


@pytest.mark.parametrize(
    ("workspace", "changes", "body", "reason", "said"),
    [
        ("pay-prod", [], {}, "role", "no role is set for pay-prod; an operator adds it to a [broker.roles.NAME]"),
        ("shop-prod", [], {"role": "admin"}, "role", "role 'admin' is not set for shop-prod"),
        (
            "shop-prod",
            [plans.change("google_storage_bucket.b", ["create"], None, {"location": "EU"})],
            {},
            "scope",
            "the plan holds nothing of AWS, so no credentials come of it",
        ),
        (
            "shop-prod",
            [plans.change("aws_brandnew_thing.b", ["create"], None, {})],
            {},
            "scope",
            "no AWS service is known for aws_brandnew_thing",
        ),
    ],
    ids=["other-workspace", "other-role", "no-aws", "unknown-type"],
)
def test_what_is_refused(
    aws: Aws,
    company: TestClient,
    workspace: str,
    changes: list[dict[str, Any]],
    body: dict[str, str],
    reason: str,
    said: str,
) -> None:
    grant = held(company, plan(*changes), workspace)
    status, why, sentence = refused(ask(company, grant, **body))
    assert (status, why, sentence.startswith(said)) == (409, reason, True), sentence
    assert aws.asked() == []
    (entry,) = entries(company, "grant.credentials.refuse")
    assert (entry.actor, entry.details["said"]) == ("pipeline-0", sentence)


def test_aws_says_no(aws: Aws, company: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own identity may not assume the role: moto holds it against its policies."""
    for name, value in aws.server_keys(EC2).items():
        monkeypatch.setenv(name, value)
    aws.enforce()
    assert refused(ask(company, held(company))) == (
        409,
        "aws",
        (
            f"AWS gives no credentials of {ROLE}: access is denied; the role's trust must let this "
            "server's identity use sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity, with the external id "
            "that is set"
        ),
    )


def test_a_wrong_key_of_the_server(aws: Aws, company: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = aws.server_keys(EC2)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AWS_ACCESS_KEY_ID"])
    aws.enforce()
    assert "correct the server's own secret key, and its clock" in refused(ask(company, held(company)))[2]
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert (
        "the server has no AWS credentials of its own; give it a role or a profile"
        in refused(ask(company, held(company)))[2]
    )


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "RequestExpired", "the server's clock is wrong; set it by NTP"),
        (400, "ValidationError", "the role's longest session is shorter than `minutes`"),
        (403, "RegionDisabledException", "STS is not active in that region"),
        (400, "PackedPolicyTooLarge", "policy and tags together are too large for a session"),
        (400, "Strange", "STS answers Strange; try again"),
    ],
)
def test_what_else_aws_may_say(aws: Aws, company: TestClient, status: int, code: str, said: str) -> None:
    aws.answer = (status, ERROR.format(code).encode())
    _, reason, sentence = refused(ask(company, held(company)))
    assert (reason, said in sentence) == ("aws", True), sentence


def test_a_packed_policy_that_is_too_large_is_tried_smaller(aws: Aws, company: TestClient) -> None:
    both = plan(plans.server(**TAGS), plans.change("aws_sqs_queue.q", ["no-op"], {}, {}))
    aws.answer = (400, ERROR.format("PackedPolicyTooLarge").encode())
    assert refused(ask(company, held(company, both)))[1] == "aws"
    policies = [form["Policy"] for form in aws.asked()]
    assert ["sqs:" in policy for policy in policies] == [True, False]


def test_an_aws_out_of_reach(company: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = held(company)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    answer = ask(company, grant)
    assert (answer.status_code, "traceback" in answer.text.lower()) == (503, False)


def test_moto_itself_knows_the_session(aws: Aws, company: TestClient) -> None:
    given = ask(company, held(company)).json()["credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    who = aws.client("sts", **keys).get_caller_identity()
    assert who["Account"] == ACCOUNT
    assert ":assumed-role/infragod-shop/infragod-" in who["Arn"]


def test_the_policy_enforced(aws: Aws, company: TestClient) -> None:
    """moto knows no session policies: the very text that STS was sent is hung into the role, and moto enforces it."""
    from botocore.exceptions import ClientError

    given = ask(company, held(company)).json()["credentials"]
    aws.role(json.loads(aws.asked()[0]["Policy"]))
    aws.enforce()
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    assert aws.client("ec2", **keys).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"].startswith("vpc-")
    iam, sqs, sts = (aws.client(service, **keys) for service in ("iam", "sqs", "sts"))
    with pytest.raises(ClientError, match=r"AccessDenied.*iam:CreateUser"):
        iam.create_user(UserName="x")
    with pytest.raises(ClientError, match=r"AccessDenied.*sqs:CreateQueue"):
        sqs.create_queue(QueueName="x")
    with pytest.raises(ClientError, match=r"AccessDenied.*sts:AssumeRole"):
        sts.assume_role(RoleArn=ROLE, RoleSessionName="xx")

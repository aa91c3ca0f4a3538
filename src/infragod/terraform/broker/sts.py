"""STS AssumeRole: the server's own credentials in, those of one grant out; found as boto3 finds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from infragod.errors import RemoteError
from infragod.terraform.broker import BrokerRefusedError, Credentials, Refusal
from infragod.terraform.broker.roles import Role

SHORTEST: Final = 900
"""Seconds: STS gives no shorter session."""
_SESSION: Final = 64
_TAG: Final = 256
_TAG_MARKS: Final = " _.:/=+-@"
_NAME_MARKS: Final = "_=,.@-"
_WHY: Final = {
    "AccessDenied": "access is denied; the role's trust must let this server's identity use sts:AssumeRole, "
    "sts:TagSession and sts:SetSourceIdentity, with the external id that is set",
    "ExpiredToken": "the server's own credentials have expired; sign it in again",
    "ExpiredTokenException": "the server's own credentials have expired; sign it in again",
    "InvalidClientTokenId": "the server's own access key is not known; correct its credentials",
    "SignatureDoesNotMatch": "the signature is wrong; correct the server's own secret key, and its clock",
    "RequestExpired": "the server's clock is wrong; set it by NTP",
    "RegionDisabledException": "STS is not active in that region; activate it in the account settings of IAM",
    "MalformedPolicyDocument": "the session policy is not understood; look at `also` in the role's table",
    "ValidationError": "the role's longest session is shorter than `minutes`, or its table has what AWS does not take",
    "PackedPolicyTooLarge": "policy and tags together are too large for a session; split the plan into parts",
}


@dataclass(frozen=True, slots=True)
class Session:
    """What a session is named by in CloudTrail, and how long it lasts."""

    name: str
    source: str
    tags: Mapping[str, str]
    seconds: int
    region: str = ""


def assume(role: Role, policies: Sequence[str], session: Session) -> tuple[Credentials, str]:
    """Credentials under the first of `policies` that STS takes, and that policy."""
    client = _client(session.region)
    for policy in policies[:-1]:
        with _sentences(role):
            try:
                return _credentials(client.assume_role(**_request(role, policy, session))), policy
            except client.exceptions.PackedPolicyTooLargeException:
                continue
    with _sentences(role):
        return _credentials(client.assume_role(**_request(role, policies[-1], session))), policies[-1]


def cleaned(text: str, marks: str = _TAG_MARKS, longest: int = _TAG) -> str:
    """`text` as AWS takes it in a session tag: other marks become hyphens."""
    return "".join(c if c.isalnum() or c in marks else "-" for c in text)[:longest]


def name(text: str) -> str:
    """`text` as AWS takes it for a session or a source identity: 2 to 64 of a few marks."""
    found = "".join(c if c.isascii() and (c.isalnum() or c in _NAME_MARKS) else "-" for c in text)[:_SESSION]
    return found.ljust(2, "-")


def _request(role: Role, policy: str, session: Session) -> dict[str, Any]:
    external = {"ExternalId": role.external_id} if role.external_id else {}
    return external | {
        "RoleArn": role.arn,
        "RoleSessionName": name(session.name),
        "SourceIdentity": name(session.source),
        "DurationSeconds": session.seconds,
        "Policy": policy,
        "Tags": [{"Key": key, "Value": cleaned(value)} for key, value in session.tags.items()],
    }


def _credentials(answer: Mapping[str, Any]) -> Credentials:
    given = answer["Credentials"]
    return Credentials(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], given["Expiration"].astimezone(UTC)
    )


def _client(region: str) -> Any:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError:
        raise BrokerRefusedError(
            Refusal.AWS,
            "boto3 is missing on the server, which asks AWS; install it by `pip install 'infragod[aws]'`",
        ) from None
    try:
        config = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=10, read_timeout=20)
        return boto3.session.Session().client("sts", region_name=region or None, config=config)
    except (BotoCoreError, ValueError) as error:
        raise BrokerRefusedError(
            Refusal.AWS, f"STS cannot be used: {str(error).rstrip('.')}; check the server's AWS configuration"
        ) from None


@contextmanager
def _sentences(role: Role) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    where = f"AWS gives no credentials of {role.arn}"
    try:
        yield
    except NoCredentialsError:
        raise BrokerRefusedError(
            Refusal.AWS, f"{where}: the server has no AWS credentials of its own; give it a role or a profile"
        ) from None
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        raise BrokerRefusedError(Refusal.AWS, f"{where}: {_WHY.get(code, f'STS answers {code}; try again')}") from None
    except BotoCoreError as error:
        raise RemoteError(f"{where}: {str(error).rstrip('.')}; check the server's network") from None

"""Run tasks of HCP Terraform and Terraform Enterprise: what they send, whether it is theirs, and what is answered.

They post a request and want 200 at once; the answer goes to the callback address of that request, as often as there is
news: `running`, then `passed` or `failed`, with outcomes in Markdown.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from infragod.errors import InputError

HEADER: Final = "x-tfc-task-signature"
MEDIA_TYPE: Final = "application/vnd.api+json"
LARGEST: Final = 1024 * 1024
LARGEST_BODY: Final = 4_000_000
"""Bytes of one outcome's Markdown: they take 5 MB."""
_PLANNED: Final = ("post_plan", "pre_apply")
_STAGES: Final = ("pre_plan", *_PLANNED, "post_apply", "test")
_TEST_TOKEN: Final = "test-token"  # noqa: S105  # what they send in place of one when a run task is created
_LONGEST: Final = 200


class Status(StrEnum):
    """What a callback tells."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


class _Capabilities(msgspec.Struct):
    outcomes: bool = False


class Request(msgspec.Struct, kw_only=True):
    """A request as it is sent; newer servers add keys, which are left out."""

    payload_version: int
    stage: str
    access_token: str = ""
    capabilities: _Capabilities = msgspec.field(default_factory=_Capabilities)
    task_result_id: str = ""
    task_result_callback_url: str = ""
    plan_json_api_url: str | None = None
    organization_name: str = ""
    workspace_name: str = ""
    run_id: str = ""
    run_created_by: str | None = None
    vcs_pull_request_url: str | None = None

    @property
    def is_test(self) -> bool:
        """Whether it only tries the address, as happens when a run task is created."""
        return self.stage == "test" or self.access_token == _TEST_TOKEN

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan to judge that is not applied yet."""
        return self.stage in _PLANNED


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the result, which unfolds to its Markdown; the level is none, info, warning or error."""

    id: str
    description: str
    body: str
    label: str
    level: str
    url: str = ""


def genuine(body: bytes, signature: str, key: str) -> bool:
    """Whether the raw body was signed by `key`; compared in constant time."""
    wanted = hmac.new(key.encode(), body, hashlib.sha512).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.strip().lower().encode())


def parse(body: bytes, hosts: Sequence[str]) -> Request:
    """The request in `body`; ``InputError`` if it is none, or names an address of a server that is not ours."""
    try:
        found = msgspec.json.decode(body, type=Request)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(
            f"the body is no request of a run task: {error}; point a run task of HCP Terraform here"
        ) from None
    if found.payload_version != 1 or found.stage not in _STAGES:
        raise InputError(
            f"payload version {found.payload_version} or stage {found.stage[:40]!r} is not known; update InfraGod"
        )
    if not found.is_test:
        _refuse_incomplete(found, hosts)
    return found


def _refuse_incomplete(found: Request, hosts: Sequence[str]) -> None:
    if not (0 < len(found.task_result_id) <= _LONGEST and found.access_token and found.workspace_name):
        raise InputError("the request lacks task_result_id, access_token or workspace_name; send it by HCP Terraform")
    allowed(found.task_result_callback_url, hosts)
    if found.has_plan:
        allowed(found.plan_json_api_url or "", hosts)


def allowed(address: str, hosts: Sequence[str]) -> None:
    """``InputError`` unless the address is https on one of `hosts`; plain http is for this machine alone."""
    parts = _split(address)
    name = (parts.hostname or "").lower().rstrip(".") if parts else ""
    if parts is None or not name or parts.username is not None:
        raise InputError(f"{address[:_LONGEST]!r} is no address of HCP Terraform; send the request by it")
    if name not in hosts:
        raise InputError(f"the host {name[:_LONGEST]!r} is not in run_task_hosts; add it there if it is yours")
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(name)):
        raise InputError(f"{parts.scheme}://{name} would send the token in clear text; use https")


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def hosts(text: str) -> tuple[str, ...]:
    """The names in the setting `run_task_hosts`."""
    return tuple(part.strip().lower() for part in text.split(",") if part.strip())


def callback(status: Status, message: str, url: str = "", outcomes: Sequence[Outcome] = ()) -> dict[str, Any]:
    """The document that a callback carries."""
    attributes = {"status": status.value, "message": message} | ({"url": url} if url else {})
    data: dict[str, Any] = {"type": "task-results", "attributes": attributes}
    if outcomes:
        data["relationships"] = {"outcomes": {"data": [_outcome(outcome) for outcome in outcomes]}}
    return {"data": data}


def _outcome(outcome: Outcome) -> Mapping[str, Any]:
    attributes: dict[str, Any] = {
        "outcome-id": outcome.id,
        "description": outcome.description,
        "body": _cut(outcome.body),
        "tags": {"Status": [{"label": outcome.label, "level": outcome.level}]},
    }
    return {"type": "task-result-outcomes", "attributes": attributes | ({"url": outcome.url} if outcome.url else {})}


def _cut(body: str) -> str:
    data = body.encode()
    if len(data) <= LARGEST_BODY:
        return body
    return data[:LARGEST_BODY].decode(errors="ignore").rpartition("\n")[0] + "\n\nThe rest is on the decision's page.\n"


def _loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False

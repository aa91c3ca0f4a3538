"""Asking the server: the plan is masked here, posted to `/v1/checks`, and the server's decision comes back."""

from __future__ import annotations

import gzip
import hashlib
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from infragod.errors import InputError, RemoteError, SetupError
from infragod.settings import Settings

if TYPE_CHECKING:
    import httpx

TRIES: Final = 3
PAUSE = 0.5
"""Seconds, doubled at each try."""
_AGAIN: Final = (429, 502, 503, 504)


def check(
    settings: Settings, source: Path | None, workspace: str, *, record: bool, change_request: str = ""
) -> Mapping[str, Any]:
    """The server's decision on the plan at `source`; an outage answers as `on_outage` says."""
    from infragod.terraform import plan

    refuse_clear_text(settings)
    data, where = plan.load(source)
    return decide(settings, data, where, workspace, record=record, change_request=change_request)


def decide(
    settings: Settings, data: bytes, where: str, workspace: str, *, record: bool = True, change_request: str = ""
) -> Mapping[str, Any]:
    """The server's decision on the plan whose JSON is `data`."""
    from infragod.terraform import mask

    refuse_clear_text(settings)
    body = mask.redact(data, where, mask.key(settings))
    try:
        return _answer(_post(settings, body, workspace, record=record, change_request=change_request), settings)
    except _OutageError as outage:
        if settings.on_outage == "open":
            print(f"infragod: {outage}; allowed unchecked, because on_outage is open", file=sys.stderr)
            return _unchecked(str(outage), workspace)
        raise RemoteError(
            f"{outage}; nothing was decided, and on_outage is closed: try again when it is back"
        ) from None


class _OutageError(Exception):
    """The server gave no answer of its own."""


def refuse_clear_text(settings: Settings) -> None:
    """``SetupError`` if the server is no server, has no token, or would get it in clear text."""
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(f"the server's address {settings.url!r} is no http(s) address; correct url or INFRAGOD_URL")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise SetupError(f"{settings.url} would send the token and the plan in clear text; use https")
    if not settings.token:
        raise SetupError("a server is set (url) but no token; set INFRAGOD_TOKEN, made by `infragod token create`")


def _post(settings: Settings, body: bytes, workspace: str, *, record: bool, change_request: str = "") -> httpx.Response:
    """One answer of the server, asked again with the same idempotency key where it was busy or out of reach."""
    import httpx

    key = hashlib.sha256(b"\0".join((workspace.encode(), str(record).encode(), body, str(time.time_ns()).encode())))
    headers = {
        "Authorization": f"Bearer {settings.token}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "Idempotency-Key": key.hexdigest(),
    }
    query = {"workspace": workspace, "record": "true" if record else "false"}
    query |= {"change_request": change_request} if change_request else {}
    query |= {"requester": settings.requester} if settings.requester else {}
    packed = gzip.compress(body, 5)
    with httpx.Client(timeout=settings.timeout) as client:
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            try:
                response = client.post(
                    f"{settings.url.rstrip('/')}/v1/checks", params=query, content=packed, headers=headers
                )
            except httpx.HTTPError as error:
                if last:
                    raise _OutageError(
                        f"the server {settings.url} cannot be reached ({error or type(error).__name__})"
                    ) from None
            else:
                if response.status_code not in _AGAIN or last:
                    return response
            time.sleep(PAUSE * 2**attempt)
    raise AssertionError("unreachable: the last try returns or raises")


def _answer(response: httpx.Response, settings: Settings) -> Mapping[str, Any]:
    if response.status_code == HTTPStatus.OK:
        return _json(response, settings)
    if response.status_code in (401, 403):
        raise SetupError(f"the server {settings.url} refused the token: {_said(response)}; set a valid INFRAGOD_TOKEN")
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and response.status_code not in _AGAIN:
        raise InputError(_said(response))
    raise _OutageError(f"the server {settings.url} answered {response.status_code}")


def _json(response: httpx.Response, settings: Settings) -> Mapping[str, Any]:
    try:
        document: Mapping[str, Any] = response.json()
        document["verdict"], document["findings"], document["counts"]
    except (ValueError, KeyError, TypeError):
        raise _OutageError(f"what answers at {settings.url} is no InfraGod server") from None
    return document


def _said(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code}"


def _unchecked(why: str, workspace: str) -> Mapping[str, Any]:
    from datetime import UTC, datetime

    zero = "0.00"
    return {
        "currency": "USD",
        "monthly_cost": zero,
        "monthly_cost_before": zero,
        "monthly_delta": zero,
        "complete": False,
        "prices": "",
        "unknown": [],
        "resources": [],
        "verdict": "allow",
        "bundle": f"none: {why}",
        "decision": None,
        "url": None,
        "created_at": datetime.now(UTC).isoformat(),
        "workspace": workspace,
        "actor": "",
        "requester": None,
        "local": True,
        "rules": 0,
        "plan_digest": "",
        "counts": {},
        "budgets": [],
        "findings": [],
        "approval": None,
        "aws": None,
    }

"""Around every request: its number, the host check, the headers that keep a browser safe, and the access log."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infragod.web.hosts import Hosts

_SOURCES: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
POLICY: Final = "; ".join(_SOURCES)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
STATIC: Final = "/static/"
_access = logging.getLogger("infragod.access")


class Guard:
    """One ASGI layer round the whole application."""

    def __init__(self, app: ASGIApp, hosts: Hosts, failed: Callable[[Request, Exception], Response]) -> None:
        self.app = app
        self.hosts = hosts
        self.failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        number = secrets.token_hex(6)
        scope.setdefault("state", {})["request_id"] = number
        status, begun = 500, False

        async def send_guarded(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                _dress(MutableHeaders(scope=message), number, scope["path"])
            await send(message)

        host = Headers(scope=scope).get("host", "")
        app = self.app if self.hosts.accepts(host) else _misdirected
        try:
            await app(scope, receive, send_guarded)
        except Exception as error:
            # A failure after the answer began can only break the connection off.
            if begun:
                raise
            await self.failed(Request(scope, receive), error)(scope, receive, send_guarded)
        finally:
            _log(scope, status, time.perf_counter() - started, number)


def _dress(headers: MutableHeaders, number: str, path: str) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers["x-request-id"] = number
    if not path.startswith(STATIC):
        headers.setdefault("cache-control", "no-store")


_misdirected = PlainTextResponse(
    "This server does not answer under that name; set public_url (INFRAGOD_PUBLIC_URL) to the address people use.\n",
    status_code=421,
)


def _log(scope: Scope, status: int, seconds: float, number: str) -> None:
    """One line a request; the query is left out, since people paste tokens there."""
    client = (scope.get("client") or ("-",))[0]
    # What a client sent is shown quoted, so that it cannot begin a line of its own.
    _access.info("%s %s %a %d %.0f ms %s", client, scope["method"], scope["path"], status, seconds * 1000, number)

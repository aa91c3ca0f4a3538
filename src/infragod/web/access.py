"""Who may see pages and who may use the API: the machine's own user, a session, or a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from infragod.approval import store as tokens
from infragod.approval.tokens import SCOPES, TokenInfo
from infragod.web.errors import LoginError, RequestError

if TYPE_CHECKING:
    from infragod.web.site import Site

LOCAL: Final = "this machine"
_bearer = HTTPBearer(auto_error=False, description="made by `infragod token create NAME --scope SCOPE`")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def site_of(request: Request) -> Site:
    """The server's shared parts."""
    site: Site = request.app.state.site
    return site


def cookie_name(request: Request) -> str:
    """The cookie's name; over https the browser itself holds it to this host."""
    return "__Host-infragod" if site_of(request).hosts.secure else "infragod"


def viewer(request: Request) -> str:
    """Who looks at pages; ``LoginError`` if that is nobody we know."""
    name = _known(request)
    if name is None:
        raise LoginError
    request.state.viewer = name
    return name


def reader(request: Request, credentials: Credentials) -> str:
    """Who reads by the API: a viewer of pages, or a token with the scope `read`."""
    if credentials is None and (name := _known(request)) is not None:
        return name
    return bearer(request, credentials, "read").name


def bearer(request: Request, credentials: HTTPAuthorizationCredentials | None, scope: str) -> TokenInfo:
    """The token that came with the request and may do `scope`; ``RequestError`` otherwise."""
    if credentials is None:
        raise RequestError(
            HTTPStatus.UNAUTHORIZED,
            "a token is needed: send Authorization: Bearer TOKEN, made by `infragod token create NAME --scope SCOPE`",
            {"www-authenticate": "Bearer"},
        )
    with site_of(request).database.read() as connection:
        found = tokens.authenticate(connection, credentials.credentials, scope)
        other = any(tokens.authenticate(connection, credentials.credentials, scope) for scope in SCOPES)
    if found is not None:
        return found
    if other:
        raise RequestError(HTTPStatus.FORBIDDEN, f"this token may not {scope}; make one with the scope {scope}")
    raise RequestError(
        HTTPStatus.UNAUTHORIZED, "this token is unknown, expired or revoked; make a new one by `infragod token create`"
    )


def approver(request: Request) -> str | None:
    """The name of the token that this session logged in with, if that may approve; who only sits here may not."""
    return holder(request, "approve")


def holder(request: Request, scope: str) -> str | None:
    """The name of the token that this session logged in with, if it is in force and has `scope`."""
    site = site_of(request)
    number = site.signer.read(request.cookies.get(cookie_name(request), ""))
    return None if number is None else _token_name(site, number, scope)


def login(request: Request, secret: str) -> str | None:
    """The cookie value for the holder of a token with the scope `read`; None if it is none."""
    site = site_of(request)
    with site.database.read() as connection:
        info = tokens.authenticate(connection, secret, "read")
    return None if info is None else site.signer.sign(str(info.id))


def same_origin(request: Request) -> None:
    """Refuse a form that another site sent: browsers say where a form comes from."""
    origin = request.headers.get("origin")
    if origin is not None:
        fine = urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    else:
        fine = request.headers.get("sec-fetch-site") == "same-origin"
    if not fine:
        raise RequestError(
            HTTPStatus.FORBIDDEN, "this form was not sent from a page of this server; open the page and try again"
        )


def _known(request: Request) -> str | None:
    site = site_of(request)
    client = request.client.host if request.client else ""
    if site.hosts.trusts(request.headers.get("host", ""), client, set(request.headers.keys())):
        return LOCAL
    number = site.signer.read(request.cookies.get(cookie_name(request), ""))
    return None if number is None else _token_name(site, number)


def _token_name(site: Site, number: str, scope: str = "read") -> str | None:
    """The name of the token that logged in, if it is still in force: revoking it ends its sessions."""
    now = datetime.now(UTC)
    with site.database.read() as connection:
        found = next((t for t in tokens.tokens(connection) if str(t.id) == number), None)
    return found.name if found and found.state(now) == "valid" and scope in found.scopes else None


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency: a token with this scope."""

    scope: str

    def __call__(self, request: Request, credentials: Credentials) -> TokenInfo:
        """The token."""
        return bearer(request, credentials, self.scope)

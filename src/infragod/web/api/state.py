"""`/v1/state/{workspace}`: Terraform's `backend "http"`, with the methods GET, POST, LOCK and UNLOCK."""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

import anyio
import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from infragod.approval import store as tokens
from infragod.approval.tokens import TokenInfo
from infragod.errors import InputError
from infragod.policy import grants
from infragod.policy.grants import store as grant_store
from infragod.terraform import refusal
from infragod.terraform.backend import (
    APPLY,
    LARGEST,
    READ,
    SCOPES,
    WRITE,
    Backend,
    Caller,
    LockInfo,
)
from infragod.terraform.history import ConflictError
from infragod.terraform.refusal import HeldError, RefusalError
from infragod.terraform.succession import Fate
from infragod.web.access import site_of
from infragod.web.api import schemas
from infragod.web.api.body import received
from infragod.web.api.checks import Desk
from infragod.web.errors import RequestError
from infragod.web.gatekeeper import Gatekeeper

AT_ONCE: Final = 4
_LARGEST_LOCK: Final = 64 * 1024
_JSON: Final = "application/json"
_T = TypeVar("_T")

router = APIRouter(prefix="/v1", tags=["state"])

Workspace = Annotated[
    str, Path(min_length=1, max_length=300, description="name of the workspace, as its plans are checked under")
]


@router.get("/state/{workspace:path}", summary="The current state of a workspace", responses=schemas.STATE)
async def get_state(request: Request, workspace: Workspace) -> Response:
    """The state, for a token of scope `state` or `state-write`; 204 if there is none yet."""
    caller = await _threaded(request, _caller, request, workspace)
    found = await _threaded(request, _backend(request).get, caller, workspace)
    return Response(status_code=HTTPStatus.NO_CONTENT) if found is None else Response(found, media_type=_JSON)


@router.post(
    "/state/{workspace:path}",
    summary="Store a state",
    openapi_extra=schemas.STATE_BODY,
    responses=schemas.STORED,
)
async def post_state(
    request: Request,
    workspace: Workspace,
    lock_id: Annotated[str, Query(alias="ID", max_length=200, description="the lock that is held")] = "",
) -> Response:
    """Keep the state in the body; what an apply sends is kept whatever it is."""
    caller = await _threaded(request, _caller, request, workspace, ended=True)
    with await received(request, LARGEST, "state") as file:
        data = await _threaded(request, file.read)
    digest = request.headers.get("content-md5", "")
    try:
        outcome = await _threaded(request, _backend(request).post, caller, workspace, lock_id, data, digest)
    except ConflictError as error:
        raise RequestError(HTTPStatus.CONFLICT, str(error)) from None
    except InputError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None
    if outcome.fate is Fate.ASIDE and not caller.may & {WRITE, APPLY}:
        raise RequestError(
            HTTPStatus.FORBIDDEN,
            f"this token may not change the state of {workspace}; what it sent is kept aside, and an incident is open",
        )
    return Response(status_code=HTTPStatus.OK)


@router.api_route("/state/{workspace:path}", methods=["LOCK"], include_in_schema=False)
async def lock_state(
    request: Request, workspace: Workspace, decision: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Give the lock; 423 with the reason, in the form that Terraform shows."""
    caller = await _threaded(request, _caller, request, workspace)
    info = await _info(request)
    try:
        await _threaded(request, _backend(request).lock, caller, workspace, info, decision)
    except HeldError as error:
        return Response(refusal.held(error), HTTPStatus.LOCKED, media_type=_JSON)
    except RefusalError as error:
        now = f"{datetime.now(UTC):%FT%TZ}"
        return Response(refusal.refused(error, workspace, now), HTTPStatus.LOCKED, media_type=_JSON)
    except InputError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None
    return Response(status_code=HTTPStatus.OK)


@router.api_route("/state/{workspace:path}", methods=["UNLOCK"], include_in_schema=False)
async def unlock_state(request: Request, workspace: Workspace) -> Response:
    """End the lock; without a body, as `force-unlock` sends it, break it."""
    caller = await _threaded(request, _caller, request, workspace, ended=True)
    info = await _info(request, empty=True)
    try:
        await _threaded(request, _backend(request).unlock, caller, workspace, info.ID)
    except InputError as error:
        raise RequestError(HTTPStatus.CONFLICT, str(error)) from None
    return Response(status_code=HTTPStatus.OK)


def _backend(request: Request) -> Backend:
    """The backend of the server, made when the first state is asked for."""
    state = request.app.state
    if not hasattr(state, "backend"):
        site, desk = site_of(request), state.desk
        assert isinstance(desk, Desk)  # noqa: S101  # as the application makes it
        state.backend = Backend(site.settings, site.database, Gatekeeper(desk.house, site.link_base))
        state.backend_limiter = anyio.CapacityLimiter(AT_ONCE)
    made: Backend = state.backend
    return made


async def _threaded(request: Request, call: Callable[..., _T], *given: object, **named: object) -> _T:
    """Done in one of a few threads, so that a few large states at once don't fill the memory."""
    _backend(request)
    limiter: anyio.CapacityLimiter = request.app.state.backend_limiter
    return await anyio.to_thread.run_sync(functools.partial(call, *given, **named), limiter=limiter)


async def _info(request: Request, *, empty: bool = False) -> LockInfo:
    with await received(request, _LARGEST_LOCK, "lock") as file:
        data = file.read()
    if not data and empty:
        return LockInfo("")
    try:
        return msgspec.json.decode(data, type=LockInfo)
    except (msgspec.MsgspecError, UnicodeError):
        raise RequestError(HTTPStatus.BAD_REQUEST, "the body is no lock of Terraform; lock by Terraform") from None


def _caller(request: Request, workspace: str, *, ended: bool = False) -> Caller:
    """Who asks, by the password of basic authentication; with `ended`, an apply's token may have expired meanwhile."""
    if not workspace.isprintable():
        raise RequestError(
            HTTPStatus.BAD_REQUEST, "the workspace's name has unprintable characters; correct the address"
        )
    secret = _secret(request.headers.get("authorization", ""))
    if not secret:
        raise _unauthorized("send a token as the password (TF_HTTP_PASSWORD), with any user name")
    with site_of(request).database.read() as connection:
        if secret.startswith(grants.PREFIX):
            found = grant_store.holder(connection, secret)
            if found is None:
                raise _unauthorized("this grant is unknown; take a new one")
            if found.workspace != workspace:
                raise RequestError(
                    HTTPStatus.FORBIDDEN, f"grant {found.id} is for {found.workspace}, and not for {workspace}"
                )
            return Caller(found.actor, f"grant:{found.id}", frozenset({APPLY}), secret)
        info = tokens.known(connection, secret)
    return _of_token(info, ended=ended)


def _of_token(info: TokenInfo | None, *, ended: bool) -> Caller:
    state = info.state(datetime.now(UTC)) if info else "unknown"
    if info is None or not (state == "valid" or ended):
        raise _unauthorized(f"this token is {state}; make a new one by `infragod token create NAME --scope {READ}`")
    may = frozenset(info.scopes) & frozenset(SCOPES)
    if not may:
        raise RequestError(
            HTTPStatus.FORBIDDEN, f"this token may not use states; make one with the scope {READ}, {WRITE} or {APPLY}"
        )
    return Caller(info.name, f"token:{info.id}", may)


def _secret(header: str) -> str:
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _unauthorized(sentence: str) -> RequestError:
    return RequestError(HTTPStatus.UNAUTHORIZED, sentence, {"www-authenticate": 'Basic realm="InfraGod"'})

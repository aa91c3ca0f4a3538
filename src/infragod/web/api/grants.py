"""`/v1/grants`: leave to apply one plan. A token with the scope `apply` takes it; the grant's own token uses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from infragod.approval.tokens import TokenInfo
from infragod.focus import exact
from infragod.gate import grant
from infragod.policy.grants import PREFIX, Asked, Issued, Reason, RefusedError, Summary, document, listing, store
from infragod.web.access import Credentials, Needs, reader, site_of
from infragod.web.api import schemas
from infragod.web.errors import RequestError
from infragod.web.site import today

if TYPE_CHECKING:
    from infragod.web.api.checks import Desk

router = APIRouter(prefix="/v1", tags=["grants"])
_STATUS: Final = {Reason.UNKNOWN: HTTPStatus.NOT_FOUND}
MOST: Final = 200
_MOST_RESOURCES: Final = 100_000
Name = Annotated[str, Path(max_length=40, description="its id, for example 4HT2-K8QW")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wanted(_Strict):
    """What a grant is asked for."""

    decision: str = Field(max_length=40, description="the decision's id")
    lineage: str = Field(default="", max_length=200, description="of the state that the plan was made on")
    serial: int = Field(default=0, ge=0, lt=2**63, description="of that state")
    file_digest: str = Field(default="", pattern="^([0-9a-f]{64})?$", description="SHA-256 of the plan file")
    change_request: str = Field(default="", max_length=300, description="pull request that the plan belongs to")
    minutes: int | None = Field(default=None, ge=1, le=1440, description="until it expires; default: grant_minutes")


class Claim(_Strict):
    """What a grant is claimed for."""

    workspace: str = Field(max_length=300)
    lineage: str = Field(max_length=200)
    serial: int = Field(ge=0, lt=2**63)
    lock_id: str = Field(min_length=1, max_length=200, description="names the apply that uses it")


class Ended(_Strict):
    """How the apply ended."""

    applied: bool = Field(description="true if all of it succeeded")
    resources: dict[str, str | None] | None = Field(
        default=None, max_length=_MOST_RESOURCES, description="address to resource id of all that is in the state"
    )


@router.post("/grants", status_code=201, summary="Take a grant", responses=schemas.GRANT)
def post_grant(request: Request, wanted: Wanted, token: Annotated[TokenInfo, Depends(Needs("apply"))]) -> JSONResponse:
    """Leave to apply the plan of a decision; its token is in this answer alone."""
    desk: Desk = request.app.state.desk
    minutes = wanted.minutes or desk.house.settings.grant_minutes
    asked = Asked(
        decision=wanted.decision,
        lineage=wanted.lineage,
        serial=wanted.serial,
        actor=token.name,
        file_digest=wanted.file_digest,
        change_request=wanted.change_request,
        ttl=timedelta(minutes=minutes),
    )
    try:
        issued = grant(asked, desk.house, today())
    except RefusedError as error:
        return refused(request, error)
    return JSONResponse(_issued(issued), HTTPStatus.CREATED)


@router.get("/grants", summary="The latest grants", dependencies=[Depends(reader)], responses=schemas.GRANTS)
def list_grants(
    request: Request,
    state: Annotated[str, Query(max_length=20, description="open, issued, claimed, used, expired, released…")] = "",
    workspace: Annotated[str, Query(max_length=300, description="only those of this workspace")] = "",
    decision: Annotated[str, Query(max_length=40, description="only those on this decision")] = "",
    before: Annotated[str, Query(max_length=40, description="the last grant of a page gives the next page")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST, description="most grants to list")] = 50,
) -> list[dict[str, Any]]:
    """Newest first, each with what it holds of whose budget; their tokens are kept nowhere."""
    at = datetime.now(UTC)
    named = {"state": state, "workspace": workspace, "decision": decision, "before": before}
    with site_of(request).database.read() as connection:
        found = store.recent(connection, limit=limit, at=at, **{name: value or None for name, value in named.items()})
        return listing.rows(connection, found, at)


@router.get("/grants/{name}", summary="The state of a grant", dependencies=[Depends(reader)], responses=schemas.GRANT)
def get_grant(request: Request, name: Name) -> JSONResponse:
    """What is known of it, without its token."""
    with site_of(request).database.read() as connection:
        found = store.get(connection, name)
    if found is None:
        raise RequestError(HTTPStatus.NOT_FOUND, "there is no grant of that id; `infragod grants list` shows them")
    return JSONResponse(document(found, datetime.now(UTC)))


@router.delete("/grants/{name}", summary="Withdraw a grant", responses=schemas.GRANT)
def delete_grant(request: Request, name: Name, token: Annotated[TokenInfo, Depends(Needs("apply"))]) -> JSONResponse:
    """It can be used no longer and holds nothing; only the token that took it may withdraw it."""
    try:
        with site_of(request).database.begin() as connection:
            found = store.get(connection, name)
            if found is not None and found.actor != token.name:
                raise RequestError(HTTPStatus.FORBIDDEN, f"grant {found.id} was taken by another token")
            ended = store.release(connection, name, actor=token.name)
    except RefusedError as error:
        return refused(request, error)
    return JSONResponse(document(ended, datetime.now(UTC)))


@router.post("/grants/{name}/claim", summary="Begin to apply", responses=schemas.GRANT)
def claim_grant(request: Request, name: Name, wanted: Claim, credentials: Credentials) -> JSONResponse:
    """Use the grant, once, for one apply; the grant's own token says who asks. Our state backend does this itself."""
    secret = own_token(request, name, credentials.credentials if credentials else "")
    try:
        with site_of(request).database.begin() as connection:
            claimed = store.claim(
                connection,
                secret,
                workspace=wanted.workspace,
                lineage=wanted.lineage,
                serial=wanted.serial,
                lock_id=wanted.lock_id,
            )
    except RefusedError as error:
        with site_of(request).database.begin() as connection:
            store.note_refusal(connection, error, "holder of the grant", {"grant": name, "lock": wanted.lock_id})
        return refused(request, error)
    return JSONResponse(document(claimed, datetime.now(UTC)))


@router.post("/grants/{name}/beat", summary="The apply goes on", responses=schemas.GRANT)
def beat_grant(request: Request, name: Name, credentials: Credentials) -> JSONResponse:
    """A sign of life; once one was given, a quarter of an hour without any leaves the grant abandoned."""
    secret = own_token(request, name, credentials.credentials if credentials else "")
    try:
        with site_of(request).database.begin() as connection:
            found = store.beat(connection, secret)
    except RefusedError as error:
        return refused(request, error)
    return JSONResponse(document(found, datetime.now(UTC)))


@router.post("/grants/{name}/finish", summary="The apply has ended", responses=schemas.GRANT)
def finish_grant(request: Request, name: Name, ended: Ended, credentials: Credentials) -> JSONResponse:
    """The grant is used, and what was not made is held no longer; one that was never claimed is withdrawn."""
    secret = own_token(request, name, credentials.credentials if credentials else "")
    try:
        with site_of(request).database.begin() as connection:
            found = store.conclude(connection, secret, Summary(ended.applied, ended.resources))
    except RefusedError as error:
        return refused(request, error)
    return JSONResponse(document(found, datetime.now(UTC)))


def own_token(request: Request, name: str, secret: str) -> str:
    """The grant's own token, if it is that of the grant named; ``RequestError`` tells no more than that it is not."""
    with site_of(request).database.read() as connection:
        found = store.holder(connection, secret) if secret.startswith(PREFIX) else None
        named = store.get(connection, name)
    if found is None or named is None or found.id != named.id:
        raise RequestError(
            HTTPStatus.UNAUTHORIZED, "this is not the token of that grant", {"www-authenticate": "Bearer"}
        )
    return secret


def refused(request: Request, error: RefusedError) -> JSONResponse:
    """The answer that tells why."""
    said = {"error": str(error), "refusal": error.reason.value, "request_id": request.state.request_id}
    return JSONResponse(said, _STATUS.get(error.reason, HTTPStatus.CONFLICT))


def _issued(issued: Issued) -> dict[str, Any]:
    held = {team: exact(amount) for team, amount in issued.held.items()}
    return document(issued.grant, issued.grant.issued_at) | {"token": issued.token, "held": held}

"""`/v1/approvals`, `/v1/decisions/{id}/approval` and `…/break-glass`: approvals for programs and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from infragod.approval import requests
from infragod.approval.authority import Account, Authority
from infragod.approval.requests import store
from infragod.approval.requests.record import State, document
from infragod.approval.tokens import TokenInfo
from infragod.db.connection import Connection
from infragod.incidents.break_glass import Denied, break_glass
from infragod.policy import bundle
from infragod.policy import store as decisions
from infragod.policy.bundle import store as bundles
from infragod.web.access import Needs, reader, site_of
from infragod.web.api import schemas
from infragod.web.errors import RequestError

MOST = 200

router = APIRouter(prefix="/v1", tags=["approvals"])
Name = Annotated[str, Path(max_length=40, description="the decision's id, for example 7F3K-9Q2M")]


class Answer(BaseModel):
    """What somebody answers."""

    answer: Literal["request", "grant", "refuse", "withdraw"]
    reason: str = Field("", max_length=requests.REASON_LENGTH)


class Emergency(BaseModel):
    """Why the glass is broken."""

    reason: str = Field(max_length=requests.REASON_LENGTH)


@router.get(
    "/approvals", summary="What waits for approval", dependencies=[Depends(reader)], responses=schemas.APPROVALS
)
def waiting(request: Request) -> list[dict[str, Any]]:
    """The newest requests that wait."""
    at = datetime.now(UTC)
    with site_of(request).database.read() as connection:
        found = [r for r in store.recent(connection, ["pending"], limit=MOST) if r.value(at) == "pending"]
        names = store.decisions(connection, [r.number for r in found])
    return [requests.row(r, names.get(r.number, ""), at) for r in found]


@router.get(
    "/decisions/{name}/approval",
    summary="How it stands with an approval now",
    dependencies=[Depends(reader)],
    responses=schemas.APPROVAL,
)
def standing(request: Request, name: Name) -> dict[str, Any]:
    """Who has approved, who may, and until when."""
    with site_of(request).database.read() as connection:
        found = decided(connection, name)
        state = requests.state(connection, found["decision"], authority(request, connection))
    return _shown(found, state)


@router.post(
    "/decisions/{name}/approval",
    summary="Ask, grant, refuse or withdraw",
    responses=schemas.APPROVAL,
    openapi_extra={"requestBody": {"description": "`answer` (request, grant, refuse, withdraw) and `reason`"}},
)
def answer(
    request: Request, name: Name, token: Annotated[TokenInfo, Depends(Needs("approve"))], body: Answer
) -> dict[str, Any]:
    """The answer counts as the one of the person whose token it is, by approvals.toml."""
    account = Account("token", token.name)
    with site_of(request).database.begin() as connection:
        found = decided(connection, name)
        law, id_ = authority(request, connection), found["decision"]
        if body.answer == "request":
            person = law.person(account)
            state = requests.ask_again(connection, id_, person.name if person else token.name, body.reason, law)
        elif body.answer == "withdraw":
            state = requests.withdraw(connection, id_, account, body.reason, law)
        else:
            state = requests.answer(connection, id_, account, body.answer, law, via="api", reason=body.reason)
    return _shown(found, state)


@router.post(
    "/decisions/{name}/break-glass",
    summary="Let a stopped plan pass in an emergency",
    responses=schemas.APPROVAL,
    openapi_extra={"requestBody": {"description": "`reason`, which is kept in the incident that this opens"}},
)
def emergency(
    request: Request, name: Name, token: Annotated[TokenInfo, Depends(Needs("approve"))], body: Emergency
) -> dict[str, Any]:
    """The plan passes for some hours; an incident is opened."""
    with site_of(request).database.begin() as connection:
        found = decided(connection, name)
        denied = Denied(found["decision"], found["workspace"], found["plan_digest"], found["verdict"])
        law = authority(request, connection)
        incident, until = break_glass(connection, denied, Account("token", token.name), body.reason, law)
    return {"decision": found["decision"], "incident": incident.number, "until": until.isoformat()}


def decided(connection: Connection, name: str) -> Mapping[str, Any]:
    """The decision's document."""
    found = decisions.get(connection, name)
    if found is None:
        raise RequestError(HTTPStatus.NOT_FOUND, "there is no decision of that id; `GET /decisions` lists them")
    return found


def authority(request: Request, connection: Connection) -> Authority:
    """The approvals.toml in force."""
    return bundle.authority(site_of(request).settings, bundles.latest(connection))


def _shown(found: Mapping[str, Any], state: State) -> dict[str, Any]:
    return {"decision": found["decision"], **(document(state) or {"state": state.value})}

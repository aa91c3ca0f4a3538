"""`POST /v1/grants/{id}/credentials`: short-lived AWS credentials, for the holder of a grant alone, kept nowhere.

grant in force → role of its workspace → policy cut to its plan → STS → still in force? → the log → credentials
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from infragod.db import audit
from infragod.db.connection import Connection
from infragod.policy import store as decisions
from infragod.policy.grants import LONGEST, Grant, Reason, RefusedError, State, store
from infragod.terraform.broker import BrokerRefusedError, Credentials, session_policy, sts
from infragod.terraform.broker.roles import Role, Roles
from infragod.web.access import Credentials as Bearer
from infragod.web.access import site_of
from infragod.web.api import schemas
from infragod.web.api.grants import Name, own_token, refused

router = APIRouter(prefix="/v1", tags=["grants"])
_SHORTEST: Final = timedelta(seconds=sts.SHORTEST)
_HEADERS: Final = {"cache-control": "no-store"}


class Wanted(BaseModel):
    """Which role, where several are for the workspace."""

    model_config = ConfigDict(extra="forbid")
    role: str = Field(default="", max_length=63, description="name of a [broker.roles.NAME] of the server")


@router.post("/grants/{name}/credentials", summary="AWS credentials of a grant", responses=schemas.CREDENTIALS)
def post_credentials(request: Request, name: Name, wanted: Wanted, credentials: Bearer) -> JSONResponse:
    """A session of the workspace's role, cut to the services and regions of the plan; the grant's own token asks."""
    secret = own_token(request, name, credentials.credentials if credentials else "")
    try:
        return JSONResponse(_given(request, secret, wanted.role), headers=_HEADERS)
    except RefusedError as error:
        _note(request, secret, error.reason.value, str(error))
        return refused(request, error)
    except BrokerRefusedError as error:
        _note(request, secret, error.reason.value, str(error))
        said = {"error": str(error), "refusal": error.reason.value, "request_id": request.state.request_id}
        return JSONResponse(said, HTTPStatus.CONFLICT)


def _given(request: Request, secret: str, wanted: str) -> dict[str, Any]:
    database = site_of(request).database
    roles: Roles = request.app.state.roles
    with database.read() as connection:
        held, left = _in_force(connection, secret)
        decision = decisions.get(connection, held.decision) or {}
    role = roles.choose(held.workspace, wanted)
    policies = session_policy.policies(decision.get("aws"), role, roles.types)
    session = sts.Session(
        name=f"infragod-{held.decision}-{held.id}",
        source=held.actor,
        tags=_tags(held, decision),
        seconds=int(max(_SHORTEST, min(left, timedelta(minutes=role.minutes))).total_seconds()),
        region=_home(decision["aws"]["regions"], role),
    )
    given, policy = sts.assume(role, policies, session)
    with database.begin() as connection:  # it may have ended meanwhile: then nobody gets them
        _in_force(connection, secret)
        audit.append(connection, "grant.credentials", held.actor, _audited(held, role, given, policy))
    return {
        "credentials": given.document(),
        "grant": held.id,
        "role": role.name,
        "role_arn": role.arn,
        "policy_digest": _digest(policy),
        "now": datetime.now(UTC).isoformat(),
    }


def _in_force(connection: Connection, secret: str) -> tuple[Grant, timedelta]:
    """The grant and the time that it has left; ``RefusedError`` if it has none."""
    held, at = store.holder(connection, secret), datetime.now(UTC)
    if held is None:
        raise RefusedError(Reason.UNKNOWN, "this grant is unknown; take one by `infragod terraform apply`")
    state = held.state_at(at)
    if state not in (State.ISSUED, State.CLAIMED):
        raise RefusedError(
            Reason.STATE, f"grant {held.id} is {state.value}, so it gives no credentials; take a new one"
        )
    until = held.expires_at if state is State.ISSUED else (held.claimed_at or at) + LONGEST
    if until <= at:
        raise RefusedError(Reason.STATE, f"grant {held.id} was claimed more than a day ago; take a new one")
    return held, until - at


def _tags(held: Grant, decision: dict[str, Any]) -> dict[str, str]:
    """Under names of our own, so that no tag that a policy trusts is set by who writes a plan."""
    teams = sorted({resource["team"] for resource in decision.get("resources", ()) if resource.get("team")})
    return {
        "infragod:workspace": held.workspace,
        "infragod:decision": held.decision,
        "infragod:team": " ".join(teams),
    }


def _home(regions: list[str], role: Role) -> str:
    """The region that is asked for the session: one that the session is for."""
    return next(iter([*regions, *role.regions]), "")


def _audited(held: Grant, role: Role, given: Credentials, policy: str) -> dict[str, Any]:
    return {
        "grant": held.id,
        "decision": held.decision,
        "workspace": held.workspace,
        "role": role.name,
        "role_arn": role.arn,
        "policy_digest": _digest(policy),
        "expires_at": given.expires_at.isoformat(),
    }


def _note(request: Request, secret: str, reason: str, said: str) -> None:
    """Put a refusal into the log."""
    with site_of(request).database.begin() as connection:
        held = store.holder(connection, secret)
        details = {"grant": held.id, "workspace": held.workspace} if held else {}
        actor = held.actor if held else "holder of a grant"
        audit.append(connection, "grant.credentials.refuse", actor, details | {"reason": reason, "said": said})


def _digest(policy: str) -> str:
    return hashlib.sha256(policy.encode()).hexdigest()

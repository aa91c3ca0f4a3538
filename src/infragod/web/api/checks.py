"""`POST /v1/checks`: a plan in, a decision out."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

import anyio
import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from infragod.approval.tokens import TokenInfo
from infragod.errors import InputError
from infragod.gate import CheckRequest, House, check
from infragod.policy.decision import document
from infragod.policy.store import Key, answered
from infragod.web.access import Needs, site_of
from infragod.web.api import schemas
from infragod.web.api.body import received
from infragod.web.errors import RequestError
from infragod.web.site import today
from infragod.web.workers import LARGEST, Workers

AT_ONCE: Final = 2
WAITING: Final = 64

router = APIRouter(prefix="/v1", tags=["checks"])


class Desk:
    """Where plans are decided: by workers or in a few threads, while a bounded number waits."""

    def __init__(self, house: House, workers: Workers | None = None) -> None:
        self.house = house
        self._workers = workers
        self.limiter = anyio.CapacityLimiter(workers.count if workers else AT_ONCE)

    async def decide(self, asked: CheckRequest) -> dict[str, Any]:
        """The decision's document; ``RequestError`` if too many wait already."""
        if self.limiter.statistics().tasks_waiting >= WAITING:
            raise RequestError(
                HTTPStatus.SERVICE_UNAVAILABLE, "too many checks wait; try again soon", {"retry-after": "5"}
            )
        return await anyio.to_thread.run_sync(self._decide, asked, limiter=self.limiter)

    def _decide(self, asked: CheckRequest) -> dict[str, Any]:
        """The decision, or the one that was answered to the request's key before."""
        return self._answered(asked.key) or self._fresh(asked)

    def _fresh(self, asked: CheckRequest) -> dict[str, Any]:
        if self._workers and len(asked.document) <= LARGEST:
            made = self._workers.decide(asked)
        else:
            made = document(check(asked, self.house))
        # Of two requests with one key that came at once, both are answered what was recorded.
        return self._answered(asked.key) or made

    def _answered(self, key: Key | None) -> dict[str, Any] | None:
        if key is None:
            return None
        with self.house.database.read() as connection:
            try:
                return answered(connection, key)
            except InputError as error:
                raise RequestError(HTTPStatus.CONFLICT, str(error)) from None


@router.post(
    "/checks", summary="Decide whether a plan may be applied", openapi_extra=schemas.PLAN, responses=schemas.CHECK
)
async def post_check(
    request: Request,
    token: Annotated[TokenInfo, Depends(Needs("check"))],
    workspace: Annotated[str, Query(min_length=1, max_length=300, description="workspace that the plan belongs to")],
    record: Annotated[bool, Query(description="keep the decision")] = True,  # noqa: FBT002  # a query parameter
    change_request: Annotated[
        str, Query(max_length=300, description="pull request of the plan; its own unused grant counts as no hold")
    ] = "",
    requester: Annotated[
        str, Query(max_length=200, description="for whom a pipeline asks: they may not approve the plan")
    ] = "",
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=200, description="asked again with the same key: the same answer")
    ] = None,
) -> Response:
    """The decision on the plan in the body: the output of `terraform show -json`, plain or as gzip."""
    with await received(request) as file:
        plan = await run_in_threadpool(file.read)
    asked = CheckRequest(
        document=plan,
        where="the request's body",
        workspace=workspace,
        actor=token.name,
        today=today(),
        record=record,
        change_request=change_request,
        requester=requester,
    )
    if idempotency_key is not None and record:
        asked = await run_in_threadpool(functools.partial(_keyed, asked, token, idempotency_key))
    desk: Desk = request.app.state.desk
    decided = site_of(request).linked(await desk.decide(asked))
    return Response(await run_in_threadpool(msgspec.json.encode, decided), media_type="application/json")


def _keyed(asked: CheckRequest, token: TokenInfo, key: str) -> CheckRequest:
    """The request with its idempotency key; what is not recorded needs none, since asking again changes nothing."""
    digest = hashlib.sha256(asked.workspace.encode() + b"\0" + asked.document).hexdigest()
    return replace(asked, key=Key(token.id, key, digest))

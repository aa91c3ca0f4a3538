"""`GET /v1/decisions/{id}`: a decision as it was made."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response

from infragod.policy import store
from infragod.web.access import reader, site_of
from infragod.web.api import schemas
from infragod.web.errors import RequestError

router = APIRouter(prefix="/v1", tags=["decisions"], dependencies=[Depends(reader)])


@router.get("/decisions/{name}", summary="A decision as it was made", responses=schemas.DECISION)
def get_decision(
    request: Request, name: Annotated[str, Path(max_length=40, description="its id, for example 7F3K-9Q2M")]
) -> Response:
    """The document that was answered when the plan was checked."""
    with site_of(request).database.read() as connection:
        found = store.get(connection, name)
    if found is None:
        raise RequestError(HTTPStatus.NOT_FOUND, "there is no decision of that id; `GET /decisions` lists them")
    return Response(msgspec.json.encode(site_of(request).linked(found)), media_type="application/json")

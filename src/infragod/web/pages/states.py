"""States of the backend: workspaces, versions, locks and who holds them; the content is shown nowhere."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from infragod.incidents import store as incidents
from infragod.terraform import store
from infragod.web.access import site_of, viewer
from infragod.web.errors import RequestError

PAGE: Final = 50
LOCKS: Final = 50
LISTED: Final = 10
OPERATIONS: Final = {
    "OperationTypePlan": "plan",
    "OperationTypeApply": "apply",
    "OperationTypeInvalid": "console or import",
}

router = APIRouter(prefix="/state", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def listed(
    request: Request,
    begins: Annotated[str, Query(max_length=300)] = "",
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The workspaces by name, with their current version, and every lock that is held."""
    site, begins = site_of(request), begins.strip()
    with site.database.read() as connection:
        found = store.currents(connection, after=after, begins=begins, limit=PAGE + 1)
        locks = store.locks(connection)
    context = {
        "lines": found[:PAGE],
        "locks": locks,
        "held": sorted(locks.values(), key=lambda lock: lock.taken_at)[:LOCKS],
        "held_count": len(locks),
        "operations": OPERATIONS,
        "begins": begins,
        "given": {"begins": begins} if begins else {},
        "next": found[PAGE - 1].workspace if len(found) > PAGE else None,
        "later": bool(after),
    }
    return site.page(request, "states.html", context)


@router.get("/{workspace:path}")
def one(
    request: Request,
    workspace: Annotated[str, Path(min_length=1, max_length=300)],
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The versions of one workspace's state, newest first."""
    site = site_of(request)
    with site.database.read() as connection:
        found = store.versions(connection, workspace, before=before, limit=PAGE + 1)
        current, lock = store.current(connection, workspace), store.held(connection, workspace)
        near = incidents.about(connection, subject=workspace, limit=LISTED)
    if not (found or lock or near or before):
        raise RequestError(
            HTTPStatus.NOT_FOUND, "No state of that workspace is stored here; Terraform's backend may be another one."
        )
    context = {
        "workspace": workspace,
        "lines": found[:PAGE],
        "current": current,
        "lock": lock,
        "incidents": near,
        "operations": OPERATIONS,
        "next": found[PAGE - 1].version if len(found) > PAGE else None,
        "later": before is not None,
    }
    return site.page(request, "state.html", context)

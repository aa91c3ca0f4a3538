"""`GET /healthz` and `GET /readyz`: does the process live, and can it do its work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from infragod.errors import InfragodError
from infragod.web.access import site_of
from infragod.web.api import schemas
from infragod.web.site import Site

router = APIRouter(tags=["health"])
_log = logging.getLogger("infragod.web")


def _database(site: Site) -> object:
    return site.database.revision()


def _lake(site: Site) -> object:
    return site.lake.version("cost")


PROBES: Final[dict[str, Callable[[Site], object]]] = {"database": _database, "lake": _lake}


@router.get("/healthz", summary="The process answers")
def healthz() -> dict[str, str]:
    """Nothing is looked at: an orchestrator restarts the process if this fails."""
    return {"status": "ok"}


@router.get("/readyz", summary="The server can do its work", responses=schemas.READY)
def readyz(request: Request) -> JSONResponse:
    """Whether the database and the lake can be read."""
    failing = [name for name, probe in PROBES.items() if _fails(name, probe, site_of(request))]
    status = "failing" if failing else "ok"
    return JSONResponse({"status": status, "failing": failing}, 503 if failing else 200)


def _fails(name: str, probe: Callable[[Site], object], site: Site) -> bool:
    try:
        probe(site)
    except (InfragodError, OSError) as error:
        _log.error("%s is not ready: %s", name, error)
        return True
    return False

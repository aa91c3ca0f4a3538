"""The server: pages for people, `/v1` for programs, one guard around both."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware

from infragod import __version__
from infragod.gate import House
from infragod.notify import webhooks
from infragod.settings import Settings
from infragod.terraform.broker import roles
from infragod.web import errors, static
from infragod.web.api import approvals, checks, credentials, decisions, grants, health, run_task, state
from infragod.web.estate import following
from infragod.web.middleware import Guard
from infragod.web.pages import accuracy, coverage, friction, incidents, login, overview, showback, states, waivers
from infragod.web.pages import approvals as approval_pages
from infragod.web.pages import decisions as decision_pages
from infragod.web.pages import grants as grant_pages
from infragod.web.reminding import reminding
from infragod.web.run_tasks import RunTasks
from infragod.web.site import Site, today
from infragod.web.webhooks import delivering
from infragod.web.workers import Workers, working

WARM_SECONDS: Final = 30
_log = logging.getLogger("infragod.web")

ROUTERS = (
    approvals.router,
    approval_pages.router,
    checks.router,
    credentials.router,
    decisions.router,
    grants.router,
    health.router,
    run_task.router,
    state.router,
    login.router,
    overview.router,
    showback.router,
    decision_pages.router,
    waivers.router,
    incidents.router,
    grant_pages.router,
    states.router,
    accuracy.router,
    coverage.router,
    friction.router,
)


def create(settings: Settings, workers: Workers | None = None) -> FastAPI:
    """The application over the stores that `settings` name; ``SetupError`` if one of them can't be opened.

    Plans are decided on by `workers`, or in this process.
    """
    targets = webhooks.targets(settings)
    assumed = roles.roles(settings)
    site = Site.open(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.create_task(_keep_warm(site))
        try:
            async with working(workers), delivering(site, targets), following(site), reminding(site), tasks.working():
                yield
        finally:
            warming.cancel()
            site.close()

    app = FastAPI(
        title="InfraGod",
        summary="Decides what may be provisioned, and follows the money",
        version=__version__,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # their scripts come from other hosts
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.site = site
    app.state.roles = assumed
    app.state.desk = checks.Desk(House(settings, site.database, site.lake), workers)
    app.state.run_tasks = tasks = RunTasks(site, app.state.desk)
    app.mount("/static", static.Assets(directory=static.FOLDER))
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(Guard, hosts=site.hosts, failed=errors.failed)
    return app


async def _keep_warm(site: Site) -> None:
    """After a start and after each load, the first page's figures are made before somebody asks for them."""
    while True:
        try:
            await run_in_threadpool(site.figures.warm, site.settings.currency, today())
            await run_in_threadpool(site.gate.warm, 2 * WARM_SECONDS)
            await run_in_threadpool(site.friction.warm, 2 * WARM_SECONDS)
            await run_in_threadpool(site.accuracy.warm, 2 * WARM_SECONDS)
        except Exception:  # noqa: BLE001  # whatever it is, the server goes on
            _log.exception("the first page's figures could not be made; they will be tried again")
        await asyncio.sleep(WARM_SECONDS)

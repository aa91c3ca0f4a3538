"""The server's side of reminders: a task that looks for what is due, so that nobody needs a cron job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.concurrency import run_in_threadpool

from infragod.policy import bundle
from infragod.policy.bundle import store as bundles
from infragod.policy.remind import Reminded, remind
from infragod.web.site import Site

BY: Final = "InfraGod"
_log = logging.getLogger("infragod.web")


@asynccontextmanager
async def reminding(site: Site) -> AsyncIterator[None]:
    """People are reminded inside the block, at the start and then every so many minutes."""
    minutes = site.settings.remind_minutes
    task = asyncio.create_task(_go_on(site, minutes)) if minutes > 0 else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()


async def _go_on(site: Site, minutes: int) -> None:
    while True:
        try:
            done = await run_in_threadpool(once, site)
            if done:
                _log.info("reminders: approvals %d, waivers that end %d", len(done.approvals), len(done.waivers))
        except Exception:  # noqa: BLE001  # whatever it is, the server goes on
            _log.exception("nobody could be reminded; it will be tried again in %d minutes", minutes)
        await asyncio.sleep(60 * minutes)


def once(site: Site) -> Reminded:
    """One look: what is due goes into the log, and from there to the outbox."""
    with site.database.begin() as connection:
        return remind(connection, bundle.authority(site.settings, bundles.latest(connection)), BY)

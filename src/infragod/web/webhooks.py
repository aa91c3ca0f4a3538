"""The server's side of webhooks: one task a target that sends what waits, while the server runs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from starlette.concurrency import run_in_threadpool

from infragod.notify import deliver
from infragod.notify.webhooks import Target
from infragod.policy.invite import Inviter
from infragod.web.site import Site

SECONDS: Final = 1.0
"""How often each target's outbox is looked at."""
_log = logging.getLogger("infragod.web")


@asynccontextmanager
async def delivering(site: Site, targets: Sequence[Target]) -> AsyncIterator[None]:
    """Events are delivered inside the block; an attempt under way at its end is finished first."""
    stop = threading.Event()
    await run_in_threadpool(deliver.register, site.database, targets)
    brief = Inviter(site.settings, site.database, site.link_base)
    tasks = [asyncio.create_task(_deliver(site, target, brief, stop)) for target in targets]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _deliver(site: Site, target: Target, brief: Inviter, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            await run_in_threadpool(deliver.deliver, site.database, target, site.link_base, stop, brief)
        except Exception:  # noqa: BLE001  # whatever it is, the server goes on
            _log.exception("the webhook %s could not be served; it will be tried again", target.name)
        await _pause(stop)


async def _pause(stop: threading.Event) -> None:
    for _ in range(10):
        if not stop.is_set():
            await asyncio.sleep(SECONDS / 10)

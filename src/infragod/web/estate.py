"""The server's part of the join: what the state backend stores is learned, and holds give way to new bills."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from starlette.concurrency import run_in_threadpool

from infragod import pipeline
from infragod.web.site import Site

SECONDS: Final = 1.0
_log = logging.getLogger("infragod.web")


@asynccontextmanager
async def following(site: Site) -> AsyncIterator[None]:
    """States are followed inside the block; what is not learned at its end, the next server or load learns."""
    stop = asyncio.Event()
    task = asyncio.create_task(_follow(site, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _follow(site: Site, stop: asyncio.Event) -> None:
    said: tuple[str, ...] = ()
    version = -1
    while not stop.is_set():
        try:
            result = await run_in_threadpool(pipeline.follow, site.settings, site.database)
            if result.faults != said:  # once, and not every second
                said = result.faults
                for fault in said:
                    _log.error("a stored state could not be read for the join with bills: %s", fault)
            loaded = site.lake.version("cost")
            if loaded != version:
                await run_in_threadpool(pipeline.give_way, site.database, site.lake)
                version = loaded
        except Exception:  # noqa: BLE001  # whatever it is, the server goes on
            _log.exception("the stored states or the bills could not be followed; it will be tried again")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SECONDS)

"""Listen, say where, serve, and end well."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from dataclasses import replace
from typing import Final

import uvicorn

from infragod.errors import SetupError
from infragod.settings import Settings
from infragod.web.app import create
from infragod.web.workers import Workers

GRACE_SECONDS: Final = 30
KEEP_ALIVE_SECONDS: Final = 15


def serve(settings: Settings) -> None:
    """Serve until told to stop; requests under way are finished then."""
    listener = listen(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    log()
    config = uvicorn.Config(
        create(settings, workers(settings)),
        log_config=None,
        access_log=False,  # ours leaves out what a query may hold
        server_header=False,
        proxy_headers=False,  # whom a proxy speaks for is not taken from a header
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    print(f"InfraGod serves {settings.base_url} (Ctrl+C ends it)", file=sys.stderr, flush=True)
    with listener:
        uvicorn.Server(config).run([listener])


def workers(settings: Settings) -> Workers | None:
    """The processes that decide on plans; None where the server's own does it."""
    count = settings.check_processes or processors()
    return Workers(settings, count) if count > 1 else None


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def listen(settings: Settings) -> socket.socket:
    """The socket, bound before anything is said: a port in use is one sentence, not a log."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, number)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # who comes before the start is over waits, and is not refused
    except OSError as error:
        raise SetupError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; "
            "choose another by --port or --host"
        ) from None
    return listener


def log() -> None:
    """The access log and the errors to standard error, their times in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    form = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    for name, level in (("infragod", logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(level)

"""`infragod serve`: the pages and the decision service."""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infragod import settings as settings_module
from infragod.errors import SetupError
from infragod.settings import Settings

if TYPE_CHECKING:
    import socket

GRACE_SECONDS: Final = 30
BACKLOG: Final = 512


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `serve`."""
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for any free one (default: 8080)")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    settings = settings_module.load(args.config)
    return serve(replace(settings, host=args.host or settings.host, port=_port(args.port, settings)))


def serve(settings: Settings) -> int:
    """Listen, say where, and serve; requests under way are finished when the server is told to stop."""
    import uvicorn

    from infragod.web.app import create

    listener = _listen(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    _log()
    app = create(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # ours leaves out what a query may hold
        server_header=False,
        proxy_headers=False,  # whom a proxy speaks for is not taken from a header
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=15,
    )
    print(f"InfraGod serves {settings.base_url} (Ctrl+C ends it)", file=sys.stderr, flush=True)
    with listener:
        uvicorn.Server(config).run([listener])
    return 0


def _listen(settings: Settings) -> socket.socket:
    """The socket, open before anything is said: a port in use is one sentence, not a log."""
    import socket

    try:
        family, kind, number, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, number)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise SetupError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; "
            "choose another by --port or --host"
        ) from None
    return listener


def _port(given: int | None, settings: Settings) -> int:
    port = settings.port if given is None else given
    if not 0 <= port <= 65_535:  # noqa: PLR2004
        raise SetupError(f"{port} is no port; give one between 1 and 65535, or 0 for any free one")
    return port


def _log() -> None:
    """The access log and errors to standard error, in UTC."""
    import time

    handler = logging.StreamHandler(sys.stderr)
    form = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    for name in ("infragod", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    logging.getLogger("infragod").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)

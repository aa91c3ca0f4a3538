"""`infragod serve`: the pages and the decision service."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Final

from infragod import settings as settings_module
from infragod.errors import SetupError
from infragod.settings import Settings

LAST_PORT: Final = 65_535


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `serve`."""
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for any free one (default: 8080)")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    settings = settings_module.load(args.config)
    port = settings.port if args.port is None else args.port
    if not 0 <= port <= LAST_PORT:
        raise SetupError(f"{port} is no port; give one between 1 and {LAST_PORT}, or 0 for any free one")
    return serve(replace(settings, host=args.host or settings.host, port=port))


def serve(settings: Settings) -> int:
    """Serve what `settings` name; the server is imported here, and by no other command."""
    from infragod.web import server

    server.serve(settings)
    return 0

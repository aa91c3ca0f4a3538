"""`infragod friction [--month YYYY-MM]`: minutes waited, denials overturned, money prevented."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from infragod import settings as settings_module
from infragod.cli import desk
from infragod.errors import InputError
from infragod.focus import Period


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `friction`."""
    parser.add_argument("--month", type=Period.parse, metavar="YYYY-MM", help="the month, UTC (default: this one)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="as people or as programs read it")


def run(args: argparse.Namespace) -> int:
    """Print the month."""
    from infragod.policy.friction import render, store

    settings = settings_module.load(args.config)
    desk.on_server_only(settings, "friction")
    now = datetime.now(UTC)
    period = args.month or Period.of(now.date())
    if period > Period.of(now.date()):
        raise InputError(f"{period} has not begun; name a month that has")
    with desk.opened(settings) as at:
        found = store.month(at.connection, period, now)
    if args.format == "json":
        print(json.dumps(render.document(period, found), indent=2, ensure_ascii=False))
    else:
        print(render.text(period, found))
    return 0

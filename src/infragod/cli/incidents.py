"""`infragod incidents list|show|close`: what went wrong or round the gate."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from infragod import settings as settings_module
from infragod.cli import desk

if TYPE_CHECKING:
    from infragod.incidents.incident import Incident


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `incidents`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="list open incidents, newest first")
    listing.add_argument("--all", action="store_true", help="closed ones too")
    listing.add_argument("--limit", type=int, default=50, help="most incidents to print (default: 50)")
    show = verbs.add_parser("show", help="print all that is known of one")
    show.add_argument("number", metavar="NUMBER", type=int, help="its number")
    close = verbs.add_parser("close", help="close one, saying what came of it")
    close.add_argument("number", metavar="NUMBER", type=int, help="its number")
    close.add_argument("--resolution", required=True, metavar="TEXT", help="what came of it")
    for sub in (listing, show, close):
        sub.add_argument("--format", choices=("text", "json"), default="text", help="as people or as programs read it")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    from infragod.incidents import store

    settings = settings_module.load(args.config)
    desk.on_server_only(settings, "incidents")
    with desk.opened(settings, write=args.verb == "close") as at:
        if args.verb == "list":
            found = store.recent(at.connection, closed=args.all, limit=max(1, args.limit))
        elif args.verb == "show":
            found = [store.get(at.connection, args.number)]
        else:
            found = [store.close(at.connection, args.number, args.resolution, at.who)]
    if args.format == "json":
        print(json.dumps([asdict(incident) for incident in found], indent=2, ensure_ascii=False, default=str))
    else:
        print(
            "\n".join(_line(incident, whole=args.verb == "show") for incident in found) or "there is no open incident"
        )
    return 0


def _line(incident: Incident, *, whole: bool) -> str:
    from infragod.policy.render.fold import printable

    state = f"closed {incident.closed_at:%F}: {incident.resolution}" if incident.closed_at else "open"
    said = f"{incident.number:>6}  {incident.opened_at:%F %H:%M}  {incident.kind}  {incident.subject}  {state}"
    if not whole:
        return printable(said)
    return "\n".join(map(printable, [said, *(f"{name}: {value}" for name, value in incident.details.items())]))

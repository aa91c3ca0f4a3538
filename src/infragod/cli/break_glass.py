"""`infragod break-glass DECISION --reason TEXT`: let a stopped plan pass, and open an incident."""

from __future__ import annotations

import argparse

from infragod import settings as settings_module
from infragod.cli import desk


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `break-glass`."""
    parser.add_argument("decision", metavar="DECISION", help="the decision that has to pass, for example 7F3K-9Q2M")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="what burns; it is kept in the incident")


def run(args: argparse.Namespace) -> int:
    """Break the glass."""
    settings = settings_module.load(args.config)
    if settings.url:
        path = f"/v1/decisions/{args.decision}/break-glass"
        said = desk.call(settings, "POST", path, {"reason": args.reason})
        name, number, until = said["decision"], said["incident"], said["until"][:16].replace("T", " ")
    else:
        from infragod.incidents.break_glass import Denied, break_glass

        with desk.opened(settings, write=True) as at:
            found = at.decision(args.decision)
            denied = Denied(found["decision"], found["workspace"], found["plan_digest"], found["verdict"])
            incident, end = break_glass(at.connection, denied, at.account, args.reason, at.authority)
        name, number, until = denied.decision, incident.number, f"{end:%F %H:%M}"
    print(f"the glass is broken: decision {name} passes until {until} UTC; incident {number} is open")
    return 0

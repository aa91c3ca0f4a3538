"""`infragod waive add|approve|list|end`: exceptions from rules, each with a reason, an owner and a last day."""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from infragod import settings as settings_module
from infragod.cli import desk
from infragod.errors import InputError
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.policy.waivers.waiver import Waiver
    from infragod.resource import Level


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `waive`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="propose a waiver; one of an advisory rule is in force at once")
    add.add_argument("rule", metavar="RULE", help="id of the rule")
    add.add_argument("--address", required=True, metavar="PATTERN", help="what it covers; * and ? stand for anything")
    add.add_argument("--workspace", required=True, metavar="PATTERN", help="workspaces that it covers, likewise")
    add.add_argument("--reason", required=True, metavar="TEXT", help="why")
    add.add_argument("--owner", required=True, metavar="TEAM", help="who mends it before it ends")
    end = add.add_mutually_exclusive_group(required=True)
    end.add_argument("--until", metavar="DATE", help="last day that it covers, at most 180 days ahead")
    end.add_argument("--days", type=int, metavar="N", help="days that it covers")
    verbs.add_parser("approve", help="agree to a waiver that somebody else proposed").add_argument(
        "waiver", metavar="WAIVER", help="its id, for example W7"
    )
    listing = verbs.add_parser("list", help="list waivers that are in force, proposed or about to end")
    listing.add_argument("--all", action="store_true", help="ended and expired ones too")
    listing.add_argument("--ending", action="store_true", help="only those that end within 14 days; exit 1 if any does")
    listing.add_argument("--format", choices=("text", "json"), default="text", help="as people or as programs read it")
    verbs.add_parser("end", help="end a waiver now").add_argument("waiver", metavar="WAIVER", help="its id")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    settings = settings_module.load(args.config)
    desk.on_server_only(settings, "waive")
    return {"add": _add, "approve": _approve, "list": _list, "end": _end}[args.verb](settings, args)


def _add(settings: Settings, args: argparse.Namespace) -> int:
    from infragod.policy import waivers

    level = _level(settings, args.rule)
    until = _until(args)
    with desk.opened(settings, write=True) as at:
        proposal = waivers.Proposal(
            args.rule, args.address, args.workspace, args.reason, args.owner, at.account.name, until
        )
        made = waivers.add(at.connection, proposal, level)
    if made.approved_by:
        print(f"waiver {made.id} covers {made.rule} at {made.address} until {made.until}")
    else:
        print(
            f"waiver {made.id} is proposed and covers nothing yet; somebody else runs: infragod waive approve {made.id}"
        )
    return 0


def _level(settings: Settings, rule: str) -> Level:
    """The strictest level that the rule has anywhere: what is mandatory for one team needs a second pair of eyes."""
    from infragod.policy import in_force, levels, rules

    known = {r.id: levels.strictest(r) for r in rules.load(settings, in_force.bundle(settings)).all}
    if rule not in known:
        raise InputError(f"there is no rule {rule!r}{rules.near(rule, known)}")
    return known[rule]


def _until(args: argparse.Namespace) -> date:
    today = desk.now().date()
    if args.days is not None:
        if not 0 < args.days <= 180:  # noqa: PLR2004 - the most that a waiver may last
            raise InputError(f"--days {args.days} is no number from 1 to 180; a waiver lasts 180 days at most")
        return today + timedelta(days=args.days)
    try:
        return date.fromisoformat(args.until)
    except ValueError:
        raise InputError(f"--until {args.until!r} is no date; write it as {today + timedelta(days=90)}") from None


def _approve(settings: Settings, args: argparse.Namespace) -> int:
    from infragod.policy import waivers

    with desk.opened(settings, write=True) as at:
        made = waivers.approve(at.connection, args.waiver, at.account, at.authority)
    print(f"waiver {made.id} covers {made.rule} at {made.address} until {made.until}; agreed to by {made.approved_by}")
    return 0


def _end(settings: Settings, args: argparse.Namespace) -> int:
    from infragod.policy.waivers import store

    with desk.opened(settings, write=True) as at:
        made = store.end(at.connection, args.waiver, at.who)
    print(f"waiver {made.id} is ended; {made.rule} counts again at {made.address}")
    return 0


def _list(settings: Settings, args: argparse.Namespace) -> int:
    from infragod.policy.waivers import store
    from infragod.policy.waivers.waiver import WARN_DAYS

    today = desk.now().date()
    with desk.opened(settings) as at:
        found = store.everyone(at.connection) if args.all else store.current(at.connection, today)
    if args.ending:
        found = [w for w in found if 0 <= w.days_left(today) <= WARN_DAYS and w.ended_at is None]
    if args.format == "json":
        print(json.dumps([_row(waiver, today) for waiver in found], indent=2, ensure_ascii=False, default=str))
    else:
        print("\n".join(_line(waiver, today) for waiver in found) or "there is no such waiver")
    return 1 if args.ending and found else 0


def _row(waiver: Waiver, today: date) -> dict[str, Any]:
    from dataclasses import asdict

    return {"id": waiver.id, "state": waiver.state(today), "days_left": waiver.days_left(today)} | asdict(waiver)


def _line(waiver: Waiver, today: date) -> str:
    from infragod.policy.render.fold import printable

    state = waiver.state(today)
    left = f"ends in {waiver.days_left(today)} days" if state == "ending" else state
    where = f"{waiver.rule} at {waiver.address} in {waiver.workspace}"
    return printable(f"{waiver.id:<5} {waiver.until}  {left:<15} {where}  ({waiver.owner}: {waiver.reason})")

"""`infragod grants list|release`: who may apply what just now, what that holds, and how to take it back."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infragod import settings as settings_module
from infragod.cli.actor import actor

if TYPE_CHECKING:
    from infragod.db.connection import Database
    from infragod.policy.grants import Grant


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `grants`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser("list", help="list the latest grants; their tokens are not kept")
    show.add_argument("--open", action="store_true", help="only those that may be used, or are being used")
    show.add_argument("--state", metavar="STATE", help="only those that are issued, claimed, used, expired, released …")
    show.add_argument("--workspace", metavar="NAME", help="only those of this workspace")
    show.add_argument("--decision", metavar="ID", help="only those on this decision")
    show.add_argument("--before", metavar="ID", help="only older ones: the last grant of a page gives the next page")
    show.add_argument("--limit", type=int, default=50, help="most grants to print (default: 50)")
    show.add_argument("--format", choices=("table", "json"), default="table", help="how it is printed")
    end = verbs.add_parser("release", help="take a grant back, and free what it holds")
    end.add_argument("grant", metavar="ID", help="the grant as it is listed")
    end.add_argument("--reason", default="", help="why, for the audit log")
    end.add_argument(
        "--claimed", action="store_true", help="although it is being applied: for an apply that died without a word"
    )


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    from infragod.db.connection import Database

    with Database.open(settings_module.load(args.config), create=args.verb == "list") as database:
        return _release(database, args) if args.verb == "release" else _list(database, args)


def _release(database: Database, args: argparse.Namespace) -> int:
    from infragod.policy.grants import store

    with database.begin() as connection:
        ended = store.release(connection, args.grant, actor=actor(), reason=args.reason, claimed=args.claimed)
    print(f"grant {ended.id} on {ended.workspace} is released, and holds nothing any more")
    return 0


def _list(database: Database, args: argparse.Namespace) -> int:
    from infragod.policy.grants import listing, store

    now = datetime.now(UTC)
    named = {"workspace": args.workspace, "decision": args.decision, "before": args.before}
    with database.read() as connection:
        found = store.recent(connection, state="open" if args.open else args.state, limit=args.limit, **named)
        rows = listing.rows(connection, found, now)
    if args.format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not found:
        print("there is no such grant; `infragod terraform apply` takes one")
    else:
        print(
            f"{'grant':<9}  {'workspace':<22}  {'state':<9}  {'decision':<9}  {'issued (UTC)':<16}  {'by':<14}  "
            f"{'until':<16}  holds"
        )
        for grant, row in zip(found, rows, strict=True):
            print(_line(grant, row["holds"], now))
    return 0


def _line(grant: Grant, holds: list[dict[str, Any]], now: datetime) -> str:
    from infragod.focus import money

    held = ", ".join(f"{money(Decimal(h['amount']), h['currency'])} of {h['team']}" for h in holds)
    until = f"{grant.ended_at or grant.expires_at:%F %H:%M}"
    return (
        f"{grant.id:<9}  {grant.workspace:<22}  {grant.state_at(now).value:<9}  {grant.decision:<9}  "
        f"{grant.issued_at:%F %H:%M}  {grant.actor:<14}  {until}  {held or '-'}"
    )

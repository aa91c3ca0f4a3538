"""`infragod audit verify|list`: prove that the audit log is whole, and read it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from infragod import settings as settings_module

if TYPE_CHECKING:
    from infragod.db.connection import Database


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `audit`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    proof = verbs.add_parser("verify", help="recompute every hash; exit 0 whole, 1 broken")
    proof.add_argument(
        "--anchor", metavar="HASH", help="a last hash noted earlier; proves that nothing since was cut off"
    )
    show = verbs.add_parser("list", help="print the latest entries, newest first")
    show.add_argument("--kind", help="only entries of this kind, for example token.create")
    show.add_argument("--before", type=int, metavar="NUMBER", help="only entries older than this one")
    show.add_argument("--limit", type=int, default=50, help="most entries to print (default: 50)")
    show.add_argument("--format", choices=("table", "json"), default="table", help="how it is printed")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    from infragod.db.connection import Database

    with Database.open(settings_module.load(args.config), create=False) as database:
        return _verify(database, args) if args.verb == "verify" else _list(database, args)


def _verify(database: Database, args: argparse.Namespace) -> int:
    from infragod.db import audit

    with database.read() as connection:
        proof = audit.verify(connection, anchor=args.anchor)
    if proof.whole:
        print(f"the audit log is whole: {proof.entries} entries, last hash {proof.head}")
        return 0
    print(f"the audit log is broken: {proof.fault}; {proof.entries} entries before it are whole")
    return 1


def _list(database: Database, args: argparse.Namespace) -> int:
    from infragod.db import audit

    with database.read() as connection:
        entries = audit.entries(connection, before=args.before, limit=args.limit, kind=args.kind)
    if args.format == "json":
        print(json.dumps([asdict(e) | {"at": e.at.isoformat()} for e in entries], indent=2, ensure_ascii=False))
        return 0
    for e in entries:
        said = ", ".join(f"{key} {value}" for key, value in e.details.items() if value not in (None, ""))
        line = f"{e.number:>8}  {e.at:%F %T}  {e.kind:<15}  {e.actor:<16}  {said}"
        print(line if len(line) <= 100 else line[:99] + "…")  # noqa: PLR2004 - the width of a page
    if not entries:
        print("the audit log has no such entry")
    return 0

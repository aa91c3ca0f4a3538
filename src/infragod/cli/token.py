"""`infragod token create|list|revoke`: tokens by which pipelines speak to the server."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from infragod import settings as settings_module
from infragod.cli.actor import actor
from infragod.errors import InputError

if TYPE_CHECKING:
    from infragod.approval.tokens import TokenInfo
    from infragod.db.connection import Database


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `token`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="make a token and print it, this once")
    create.add_argument("name", metavar="NAME", help="what it is for, for example the pipeline's name")
    create.add_argument(
        "--scope",
        required=True,
        metavar="SCOPE[,SCOPE]",
        help="what it may do: check, read, approve, state, state-write, apply",
    )
    create.add_argument("--expires", type=int, metavar="DAYS", help="days until it ends (default: never)")
    show = verbs.add_parser("list", help="list the tokens; they themselves are not kept")
    show.add_argument("--format", choices=("table", "json"), default="table", help="how it is printed")
    verbs.add_parser("revoke", help="end a token at once").add_argument(
        "name", metavar="NAME", help="the token as it is listed"
    )


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    from infragod.db.connection import Database

    with Database.open(settings_module.load(args.config)) as database:
        {"create": _create, "list": _list, "revoke": _revoke}[args.verb](database, args)
    return 0


def _create(database: Database, args: argparse.Namespace) -> None:
    from infragod.approval import store
    from infragod.approval.tokens import parse_scopes
    from infragod.spreadsheet import name_fault

    scopes = parse_scopes(args.scope)
    if not args.name.strip() or (fault := name_fault(args.name)):
        raise InputError(fault if args.name.strip() else "a token needs a name; give it the pipeline's")
    if args.expires is not None and not 0 < args.expires <= 36_500:  # noqa: PLR2004 - a hundred years
        raise InputError(f"--expires {args.expires} is no number of days from 1 to 36500; correct it")
    expires_at = None if args.expires is None else datetime.now(UTC) + timedelta(days=args.expires)
    with database.begin() as connection:
        secret = store.create(connection, args.name, scopes, actor=actor(), expires_at=expires_at)
    until = f"until {expires_at:%F %H:%M} UTC" if expires_at else "until it is revoked"
    print(f"token {args.name}: may {' and '.join(scopes)}, {until}; it is shown this once:", file=sys.stderr)
    print(secret)


def _revoke(database: Database, args: argparse.Namespace) -> None:
    from infragod.approval import store

    with database.begin() as connection:
        store.revoke(connection, args.name, actor=actor())
    print(f"token {args.name} is revoked")


def _list(database: Database, args: argparse.Namespace) -> None:
    from infragod.approval import store

    with database.read() as connection:
        tokens = store.tokens(connection)
    if args.format == "json":
        print(json.dumps([_document(token) for token in tokens], indent=2, ensure_ascii=False))
    elif not tokens:
        print("there are no tokens; `infragod token create NAME --scope check` makes one")
    else:
        print(f"{'name':<30}  {'may':<18}  {'state':<8}  {'made':<16}  expires")
        for token in tokens:
            print(_line(token))


def _line(token: TokenInfo) -> str:
    expires = f"{token.expires_at:%F %H:%M}" if token.expires_at else "never"
    state = token.state(datetime.now(UTC))
    return f"{token.name:<30}  {','.join(token.scopes):<18}  {state:<8}  {token.created_at:%F %H:%M}  {expires}"


def _document(token: TokenInfo) -> dict[str, object]:
    return {
        "name": token.name,
        "scopes": list(token.scopes),
        "state": token.state(datetime.now(UTC)),
        "created_at": token.created_at.isoformat(),
        "created_by": token.created_by,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }

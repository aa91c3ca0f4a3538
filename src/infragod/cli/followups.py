"""`infragod followups list|show|send`: applied plans after their first full month, and the comment that says so."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from infragod import settings as settings_module
from infragod.errors import InfragodError, InputError
from infragod.focus import Period, exact
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.db.connection import Connection, Database
    from infragod.finance.accuracy import Comparison
    from infragod.finance.accuracy.store import Followed

SUBJECT: Final = "after the apply"
EMPTY: Final = "no plan was applied with a grant yet; see `infragod terraform apply`"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `followups`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser("list", help="list applied plans with what was estimated and billed, newest first")
    show.add_argument("--month", type=Period.parse, metavar="YYYY-MM", help="only those whose first full month it is")
    show.add_argument("--workspace", metavar="NAME", help="only this workspace")
    show.add_argument("--limit", type=int, default=50, help="most plans to print (default: 50)")
    show.add_argument("--format", choices=("table", "json"), default="table", help="how it is printed")
    one = verbs.add_parser("show", help="one applied plan, resource by resource and component by component")
    one.add_argument("decision", metavar="DECISION", help="the decision that it was applied by")
    one.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed")
    send = verbs.add_parser(
        "send",
        help="put the comparison into each pull or merge request; exit 0 all done, 2 some could not be",
        epilog="Tokens and interfaces come from the environment as for `infragod comment`. Safe to run again: one "
        "comment a request, updated in place, and nothing is asked of the host where nothing is new.",
    )
    send.add_argument("--only", metavar="PATTERN", help="only change requests like this, for example 'example/*'")
    send.add_argument("--api-url", metavar="URL", help="the host's interface, if it is not in the environment")
    send.add_argument("--dry-run", action="store_true", help="print the comments; post nothing")


def run(args: argparse.Namespace) -> int:
    """Compare what is due, then do what the verb says."""
    from infragod import pipeline
    from infragod.db.connection import Database
    from infragod.lake.lake import Lake

    settings = settings_module.load(args.config)
    verb = {"list": _list, "show": _show, "send": _send}[args.verb]
    with Database.open(settings) as database:
        pipeline.compare(Lake(settings.lake), database)
        return verb(args, settings, database)


def said(found: Sequence[Comparison]) -> Iterator[str]:
    """What a load or a collection of states says of the comparisons that it made possible."""
    if found:
        plans = "plan" if len(found) == 1 else "plans"
        yield f"estimates: {len(found):,} applied {plans} compared with a whole month's bill"
        yield "  `infragod followups list` shows them, `infragod followups send` tells their change requests"


def _list(args: argparse.Namespace, _settings: Settings, database: Database) -> int:
    from infragod.finance.accuracy import store
    from infragod.finance.accuracy.render import state_line

    with database.read() as connection:
        found = store.listed(connection, month=args.month, workspace=args.workspace, limit=args.limit)
    if args.format == "json":
        print(json.dumps([document(line) for line in found], indent=2, ensure_ascii=False))
        return 0
    for line in found:
        print(f"{line.applied.decision}  {line.applied.applied_at:%F}  {line.applied.workspace}  {state_line(line)}")
    if not found:
        print(EMPTY)
    return 0


def _show(args: argparse.Namespace, _settings: Settings, database: Database) -> int:
    from infragod.cli.followup_text import lines_of
    from infragod.finance.accuracy import store
    from infragod.policy.store import normal_id

    with database.read() as connection:
        found = store.listed(connection, decision=normal_id(args.decision))
        if not found:
            raise InputError(f"no plan was applied by a decision {args.decision}; `infragod followups list` names them")
        resources = store.resources(connection, found[0].number)
    if args.format == "json":
        print(json.dumps(document(found[0]) | {"resources": [_resource(r) for r in resources]}, indent=2))
    else:
        print("\n".join(lines_of(found[0], resources)))
    return 0


def _send(args: argparse.Namespace, settings: Settings, database: Database) -> int:
    from infragod.finance.accuracy import State, store

    with database.read() as connection:
        found = store.listed(connection, state=State.COMPLETE, requested=True)
        waiting = list(_comments(connection, found, settings.public_url.rstrip("/"), args.only))
    faults = []
    for name, numbers, text, told in waiting:
        if args.dry_run:
            sys.stdout.write(f"{name}\n\n{text}\n")
            continue
        try:
            did = _place(name, text, args.api_url)
        except InfragodError as error:
            faults.append(f"{name}: {error}")
            continue
        with database.begin() as connection:
            store.tell(connection, numbers, told)
        print(f"{name}: {did}")
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    if not waiting:
        print("nothing is new")
    return 2 if faults else 0


def _comments(
    connection: Connection, found: Sequence[Followed], base: str, only: str | None
) -> Iterator[tuple[str, list[int], str, str]]:
    """Each change request whose comment is not there as it should be: name, followups, text and its hash."""
    from infragod.finance.accuracy import store
    from infragod.finance.accuracy.render import comment
    from infragod.policy.render.markdown import escaped

    ordered = sorted(found, key=lambda f: (f.applied.change_request, f.applied.workspace, f.applied.applied_at))
    for name, group in groupby(ordered, key=lambda f: f.applied.change_request):
        lines = [line for line in group if line.compared]
        if not lines or (only is not None and not fnmatchcase(name, only)):
            continue
        resources = {line.number: store.resources(connection, line.number) for line in lines}
        text = comment(lines, resources, escaped, lambda d: f"{base}/decisions/{d}" if base else "")
        told = hashlib.sha256(text.encode()).hexdigest()
        if any(line.told != told for line in lines):
            yield name, [line.number for line in lines], text, told


def _place(name: str, text: str, api_url: str | None) -> str:
    from infragod.cli.comment import request_of
    from infragod.terraform import comment, forge

    request = request_of(name, os.environ, api_url)
    with forge.client(request) as connection:
        done = comment.place(
            forge.Forge(request, connection), SUBJECT, comment.shortened(text, comment.LIMIT - 1000, None)
        )
    return f"comment {done.id} {done.did}"


def document(found: Followed) -> dict[str, Any]:
    """A comparison as JSON-ready data; money is exact decimal text."""
    own = found.applied
    names = ("estimated", "billed", "error", "rate", "quantity", "unknown")
    return {
        "decision": own.decision,
        "workspace": own.workspace,
        "change_request": own.change_request or None,
        "applied_at": own.applied_at.isoformat(),
        "month": str(found.month),
        "state": found.state.value,
        "days": found.days,
        "missing": list(found.missing),
        "currency": own.currency,
        **{name: exact(getattr(found.figures, name)) for name in names},
        "left_out": {o.value: {"resources": n, "estimated": exact(cost)} for o, (n, cost) in found.left_out.items()},
        "apart": {name: exact(amount) for name, amount in found.apart.items()},
    }


def _resource(found: Mapping[str, Any]) -> dict[str, Any]:
    figures = found["figures"]
    names = ("estimated", "billed", "error", "rate", "quantity", "unknown")
    return {k: v for k, v in found.items() if k != "figures"} | {n: exact(getattr(figures, n)) for n in names}

"""`infragod rules proposals [accept|reject ID]`: rules that were overturned too often, and what their owners say."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime

from infragod.cli import desk
from infragod.errors import InputError
from infragod.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `rules proposals`."""
    parser.add_argument("answer", nargs="?", choices=("list", "accept", "reject"), default="list", help="what to do")
    parser.add_argument("id", nargs="?", metavar="ID", help="the proposal, for accept and reject, such as P3")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is rejected")
    parser.add_argument("--all", action="store_true", help="list those that were answered, too")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="as people or as programs read it")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Look for proposals and list them, or answer one."""
    from infragod.policy.proposals import store

    desk.on_server_only(settings, "rules proposals")
    if args.answer != "list" and not args.id:
        raise InputError(f"name the proposal: infragod rules proposals {args.answer} P1")
    if args.answer == "list":
        _list(args, settings)
        return 0
    state = {"accept": "accepted", "reject": "rejected"}[args.answer]
    with desk.opened(settings, write=True) as at:
        found = store.answer(at.connection, args.id, state, at.who, args.reason)
    if args.format == "json":
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False, default=str))
    elif state == "accepted":
        print(
            f"{found.id} is accepted; write this into infragod.toml, then run infragod bundle publish:\n\n{found.lines}"
        )
    else:
        print(f"{found.id} is rejected; {found.rule} stays {found.level}")
    return 0


def _list(args: argparse.Namespace, settings: Settings) -> None:
    from infragod.policy import rules
    from infragod.policy.bundle import store as bundles
    from infragod.policy.proposals import look, store
    from infragod.policy.render.fold import printable

    with desk.opened(settings, write=True) as at:
        law = rules.load(settings, bundles.latest(at.connection))
        look.look(at.connection, law.all, look.terms(settings), datetime.now(UTC))
        found = store.recent(at.connection, answered=args.all)
    if args.format == "json":
        print(json.dumps([asdict(p) for p in found], indent=2, ensure_ascii=False, default=str))
    else:
        print("\n".join(map(printable, look.lines(found))) or "no rule proposes its own demotion")

"""`infragod notify deliver|list|retry|test`: send what waits for the webhooks, and look after it."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from infragod import settings as settings_module
from infragod.errors import InputError, SetupError
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.db.connection import Database
    from infragod.notify.store import Delivery
    from infragod.notify.webhooks import Target


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `notify`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    send = verbs.add_parser("deliver", help="send what is due; exit 0 all sent, 1 something failed")
    send.add_argument("--watch", action="store_true", help="go on until interrupted, as the server does by itself")
    show = verbs.add_parser("list", help="list the events of the outbox, newest first")
    show.add_argument("--state", choices=("waiting", "delivered", "dead"), help="only these")
    show.add_argument("--limit", type=int, default=50, help="most events to print (default: 50)")
    show.add_argument("--format", choices=("table", "json"), default="table", help="how it is printed")
    again = verbs.add_parser("retry", help="send the dead events of a target again")
    again.add_argument("target", metavar="TARGET", help="the name after notify.webhooks in the settings")
    trial = verbs.add_parser("test", help="put an event `notify.test` into the log, for every target that wants it")
    trial.add_argument("--note", default="a test", help="text that the event carries")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    from infragod.db.connection import Database

    settings = settings_module.load(args.config)
    verb = {"deliver": _deliver, "list": _list, "retry": _retry, "test": _test}[args.verb]
    with Database.open(settings) as database:
        return verb(settings, database, args)


def _targets(settings: Settings, database: Database) -> list[Target]:
    from infragod.notify import deliver, webhooks

    found = webhooks.targets(settings)
    if not found:
        raise SetupError(
            "no target is set; write [notify.webhooks.NAME] or [notify.email] as docs/guides/webhooks.md says"
        )
    deliver.register(database, found)
    return found


def _deliver(settings: Settings, database: Database, args: argparse.Namespace) -> int:
    from infragod.notify import deliver
    from infragod.policy.invite import Inviter

    targets, base_url = _targets(settings, database), settings.public_url.rstrip("/")
    brief = Inviter(settings, database, base_url)
    code = 0
    while True:
        for target in targets:
            done = deliver.deliver(database, target, base_url, brief=brief)
            if done.delivered or done.failed or done.dead or not args.watch:
                print(f"{target.name}: {done.delivered} delivered, {done.failed} failed, {done.dead} given up")
            code = max(code, int(bool(done.failed or done.dead)))
        if not args.watch:
            return code
        time.sleep(1)


def _list(_settings: Settings, database: Database, args: argparse.Namespace) -> int:
    from infragod.notify import store

    with database.read() as connection:
        found = store.listed(connection, state=args.state, limit=args.limit)
    if args.format == "json":
        print(json.dumps([_document(item) for item in found], indent=2, ensure_ascii=False))
        return 0
    for item in found:
        entry = item.entry
        line = (
            f"{entry.at:%F %T}  {item.target:<16}  {item.state:<9}  {item.attempts:>3}  {entry.kind:<20}  {item.fault}"
        )
        print(line.rstrip())
    if not found:
        print("the outbox has no such event")
    return 0


def _retry(_settings: Settings, database: Database, args: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from infragod.notify import store

    with database.begin() as connection:
        if not store.is_known(connection, args.target):
            raise InputError(f"no event was ever kept for a target {args.target!r}; `infragod notify list` names them")
        count = store.revive(connection, args.target, datetime.now(UTC))
    print(f"{args.target}: {count} {'event is' if count == 1 else 'events are'} tried again")
    return 0


def _test(settings: Settings, database: Database, args: argparse.Namespace) -> int:
    from infragod.cli.actor import actor
    from infragod.db import audit

    wanted = [target for target in _targets(settings, database) if target.wants("notify.test")]
    with database.begin() as connection:
        audit.append(connection, "notify.test", actor(), {"note": args.note})
    names = ", ".join(f"{target.name} ({target.shown})" for target in wanted) or "no target"
    print(f"written for {names}; the server or `infragod notify deliver` sends it")
    return 0


def _document(item: Delivery) -> dict[str, Any]:
    from infragod.notify.message import event_id

    times = {name: value and value.isoformat() for name, value in asdict(item).items() if name.endswith("_at")}
    return {
        "id": event_id(item.entry),
        "event": item.entry.kind,
        "target": item.target,
        "state": item.state,
        "attempts": item.attempts,
        "fault": item.fault or None,
        **times,
    }

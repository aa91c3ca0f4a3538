"""`infragod approve request|grant|refuse|withdraw|show|list|remind|link`: approvals from the command line.

Here the person is the user of the operating system; on a server it is the token's name.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from infragod import settings as settings_module
from infragod.cli import desk
from infragod.errors import InputError
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.approval.requests.record import Request, State

_STATES: Final = ("pending", "approved", "refused", "void")
_VERBS: Final = {
    "request": ("ask for the approval of a decision by name, with a word to the approvers", False),
    "grant": ("approve a decision", False),
    "refuse": ("refuse a decision; it needs a reason", True),
    "withdraw": ("take back what you asked for", False),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `approve`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (text, reasoned) in _VERBS.items():
        sub = verbs.add_parser(verb, help=text)
        sub.add_argument("decision", metavar="DECISION", help="its id, for example 7F3K-9Q2M")
        sub.add_argument("--reason", default="", required=reasoned, metavar="TEXT", help="why")
        _format(sub)
    show = verbs.add_parser("show", help="say who has approved a decision, who may, and until when")
    show.add_argument("decision", metavar="DECISION", help="its id")
    _format(show)
    listing = verbs.add_parser("list", help="list what waits for approval")
    listing.add_argument("--mine", action="store_true", help="only what you may answer")
    listing.add_argument("--all", action="store_true", help="also what was answered, refused or withdrawn")
    _format(listing)
    remind = verbs.add_parser("remind", help="remind of approvals that wait and waivers about to end")
    remind.add_argument("--dry-run", action="store_true", help="list whom, and remind nobody")
    _format(remind)
    link = verbs.add_parser("link", help="make a link by which one person may answer once")
    link.add_argument("decision", metavar="DECISION", help="its id")
    link.add_argument("--for", dest="person", required=True, metavar="PERSON", help="whom it is for")
    link.add_argument("--hours", type=int, default=48, help="hours that it is good for (default: 48, most: 168)")
    parser.epilog = "Exit: 0 approved or done, 3 still to be approved, 1 refused, 2 wrong input or not allowed."


def _format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="as people or as programs read it")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    settings = settings_module.load(args.config)
    if args.verb in _VERBS or args.verb == "show":
        return _told(_one(settings, args), args)
    {"list": _list, "remind": _remind, "link": _link}[args.verb](settings, args)
    return 0


def _told(approval: Mapping[str, Any], args: argparse.Namespace) -> int:
    from infragod.policy.render.approval import approval_lines
    from infragod.policy.render.fold import printable

    if args.format == "json":
        print(json.dumps(approval, indent=2, ensure_ascii=False))
    else:
        print(f"decision {approval['decision']}: {approval['state']}")
        for line in approval_lines({"approval": approval, "decision": approval["decision"]}):
            print(printable(line))
    return {"approved": 0, "refused": 1}.get(approval["state"], 0 if args.verb == "withdraw" else 3)


def _one(settings: Settings, args: argparse.Namespace) -> Mapping[str, Any]:
    if settings.url:
        path = f"/v1/decisions/{args.decision}/approval"
        if args.verb == "show":
            return desk.call(settings, "GET", path)  # type: ignore[no-any-return]
        return desk.call(settings, "POST", path, {"answer": args.verb, "reason": args.reason})  # type: ignore[no-any-return]
    with desk.opened(settings, write=args.verb != "show") as at:
        name = at.decision(args.decision)["decision"]
        return {"decision": name, **_document(_state(at, name, args))}


def _state(at: desk.Desk, name: str, args: argparse.Namespace) -> State:
    from infragod.approval import requests

    if args.verb == "show":
        return requests.state(at.connection, name, at.authority)
    if args.verb == "request":
        return requests.ask_again(at.connection, name, at.who, args.reason, at.authority)
    if args.verb == "withdraw":
        return requests.withdraw(at.connection, name, at.account, args.reason, at.authority)
    return requests.answer(at.connection, name, at.account, args.verb, at.authority, via="command", reason=args.reason)


def _document(state: State) -> Mapping[str, Any]:
    from infragod.approval.requests.record import document

    return document(state) or {"state": state.value}


def _list(settings: Settings, args: argparse.Namespace) -> None:
    rows = desk.call(settings, "GET", "/v1/approvals") if settings.url else _rows(settings, args)
    if args.format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not rows:
        print("nothing waits for approval")
    for row in rows if args.format == "text" else ():
        print(f"{row['decision']}  {row['state']:<9}  until {row['until'][:16]}  {row['workspace']:<24}  {row['for']}")


def _rows(settings: Settings, args: argparse.Namespace) -> list[dict[str, Any]]:
    from infragod.approval import requests
    from infragod.approval.requests import store

    at = desk.now()
    with desk.opened(settings) as here:
        found: Iterable[Request] = store.recent(here.connection, _STATES if args.all else _STATES[:1], limit=200)
        if not args.all:
            found = [r for r in found if r.value(at) == "pending"]
        if args.mine:
            found = [r for r in found if requests.may_answer(r, here.account, here.authority, at)]
        names = store.decisions(here.connection, [r.number for r in found])
    return [requests.row(request, names.get(request.number, ""), at) for request in found]


def _remind(settings: Settings, args: argparse.Namespace) -> None:
    from dataclasses import asdict

    from infragod.approval import reminders
    from infragod.policy.remind import Reminded, remind

    desk.on_server_only(settings, "approve remind")
    with desk.opened(settings, write=not args.dry_run) as at:
        if args.dry_run:
            done = Reminded(reminders.due(at.connection, at.authority), [])
        else:
            done = remind(at.connection, at.authority, at.who)
    if args.format == "json":
        print(json.dumps([asdict(reminder) for reminder in done.approvals], indent=2, ensure_ascii=False))
        return
    for reminder in done.approvals:
        print(f"{reminder.person}{f' <{reminder.mail}>' if reminder.mail else ''}: {reminder.said}")
    for waiver in done.waivers:
        print(f"waiver {waiver.id} of {waiver.owner} on {waiver.rule} ends on {waiver.until}")
    if not done:
        print("nobody has to be reminded")


def _link(settings: Settings, args: argparse.Namespace) -> None:
    from infragod.approval import links

    desk.on_server_only(settings, "approve link")
    if not 0 < args.hours <= 168:  # noqa: PLR2004 - a week
        raise InputError(f"--hours {args.hours} is no number from 1 to 168; correct it")
    signing = links.key(settings.home)
    with desk.opened(settings, write=True) as at:
        name = at.decision(args.decision)["decision"]
        link = links.make(
            at.connection, signing, name, args.person, at.authority, by=at.who, maker=at.account, hours=args.hours
        )
    print(f"good for one answer by {args.person}, to be sent to nobody else:", file=sys.stderr)
    print(f"{settings.base_url}/approvals/link?key={link}")

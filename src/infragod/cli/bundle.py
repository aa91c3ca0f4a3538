"""`infragod bundle publish|list|show|diff`: put the company's rules in force, and see what was in force when."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from infragod import settings as settings_module
from infragod.errors import InputError
from infragod.settings import FILE_NAME, Settings

if TYPE_CHECKING:
    from infragod.policy.bundle import Bundle


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `bundle`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    publish = verbs.add_parser("publish", help="prove the rules of a folder, and put them in force")
    publish.add_argument("--from", dest="folder", type=Path, metavar="DIR", help="folder of infragod.toml and rules/")
    publish.add_argument(
        "--allow-dirty", action="store_true", help="publish although files differ from what is committed"
    )
    listing = verbs.add_parser("list", help="list the bundles, newest first")
    listing.add_argument(
        "--format", choices=("table", "json"), default="table", help="as people or as programs read it"
    )
    show = verbs.add_parser("show", help="print what a bundle holds")
    show.add_argument("number", type=int, nargs="?", metavar="NUMBER", help="default: the one in force")
    diff = verbs.add_parser("diff", help="what two bundles differ in, or a bundle and this folder")
    diff.add_argument("old", type=int, nargs="?", metavar="OLD", help="default: the one in force")
    diff.add_argument("new", type=int, nargs="?", metavar="NEW", help="default: what this folder would publish")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    settings = settings_module.load(args.config)
    if args.verb == "publish":
        return _publish(settings, args)
    if args.verb == "list":
        print(_list(settings, args.format))
    elif args.verb == "show":
        print(_show(_one(settings, args.number)))
    else:
        print(_diff(settings, args))
    return 0


def _publish(settings: Settings, args: argparse.Namespace) -> int:
    from infragod.cli.actor import actor
    from infragod.db.connection import Database
    from infragod.finance.allocation import plan
    from infragod.policy import in_force, levels, rules
    from infragod.policy.bundle import gather, store

    if args.folder is not None:
        settings = _of_folder(settings, args.folder)
    content = gather.content(settings)
    if plan.FILE in content.documents:
        plan.parse(content.documents[plan.FILE], str(settings.folder / plan.FILE))
    levels.refuse_strangers(rules.load(settings).all, in_force.known(settings)[0])
    origin = gather.origin(settings.folder)
    if origin.dirty and not args.allow_dirty:
        raise InputError(
            f"{settings.folder.absolute()} has changes that are not committed, so nobody could find them again; "
            f"commit them, or pass --allow-dirty"
        )
    with Database.open(settings) as database, database.begin() as connection:
        before = store.latest_number(connection)
        bundle = store.publish(connection, content, actor(), origin.commit, origin.branch)
    for id_ in gather.untested(settings):
        print(f"note: the rule {id_} has no test", file=sys.stderr)
    state = "is in force" if bundle.number > before else "is in force already; nothing changed"
    counts = f"{len(content.built_in)} built-in rules, {len(content.files)} own"
    print(f"{bundle.label} {state}: {counts}, {bundle.digest[:12]}")
    return 0


def _of_folder(settings: Settings, folder: Path) -> Settings:
    """The settings that a run in `folder` has, with the home and the database of this run."""
    from dataclasses import replace

    if not (folder / FILE_NAME).is_file():
        raise InputError(f"{folder} holds no {FILE_NAME}; give the folder that is to be published")
    other = settings_module.load(folder / FILE_NAME, {}, folder)
    return replace(other, home=settings.home, database_url=settings.database_url)


def _one(settings: Settings, number: int | None) -> Bundle:
    from infragod.db.connection import Database
    from infragod.policy.bundle import store

    with Database.open(settings, create=False) as database, database.read() as connection:
        found = store.latest(connection) if number is None else store.by_number(connection, number)
    if found is None:
        raise InputError("no bundle was published yet; infragod bundle publish makes the first")
    return found


def _list(settings: Settings, form: str) -> str:
    from infragod.db import connection
    from infragod.policy.bundle import store

    bundles = []
    if connection.exists(settings):
        with connection.Database.open(settings) as database, database.read() as reading:
            bundles = store.everyone(reading)
    rows = [_facts(bundle) for bundle in bundles]
    if form == "json":
        return json.dumps(rows, indent=2)
    if not rows:
        return "no bundle was published yet; infragod bundle publish makes the first"
    lines = [f"{'bundle':>6}  {'published (UTC)':<16}  {'by':<20}  {'commit':<9}  digest"]
    lines += [
        f"{b.number:>6}  {b.created_at:%F %H:%M}  {b.created_by:<20}  {b.commit[:9]:<9}  {b.digest[:12]}"
        for b in bundles
    ]
    return "\n".join(lines)


def _facts(bundle: Bundle) -> dict[str, object]:
    return {
        "number": bundle.number,
        "digest": bundle.digest,
        "created_at": bundle.created_at.isoformat(),
        "created_by": bundle.created_by,
        "commit": bundle.commit or None,
        "branch": bundle.branch or None,
    }


def _show(bundle: Bundle) -> str:
    from infragod.policy.bundle import Content, compare

    head = "\n".join(f"{name:<10}  {value if value is not None else '-'}" for name, value in _facts(bundle).items())
    return f"{head}\n\n{compare.differences(Content({}, {}, {}, {}), bundle.content)}"


def _diff(settings: Settings, args: argparse.Namespace) -> str:
    from infragod.policy.bundle import compare, gather

    old = _one(settings, args.old)
    new = gather.content(settings) if args.new is None else _one(settings, args.new).content
    return compare.differences(old.content, new) or "no difference"

"""`infragod rules simulate`: recorded decisions judged again by the rules as the working folder has them now."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infragod import settings as settings_module
from infragod.errors import InputError
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.policy.rules import RuleSet

KINDS: Final = ("team", "workspace", "environment")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `rules simulate`."""
    parser.add_argument("--since", metavar="YYYY-MM-DD", required=True, help="first day (UTC) whose decisions count")
    parser.add_argument(
        "--rules", metavar="PATH", type=Path, help="folder of rules, or settings file, to try (default: ./rules)"
    )
    parser.add_argument("--rule", metavar="ID", action="append", default=[], help="only this rule; may be repeated")
    parser.add_argument(
        "--level", choices=("advisory", "approval", "mandatory"), help="try this level, of the rules named by --rule"
    )
    for kind in KINDS:
        parser.add_argument(
            f"--{kind}",
            metavar="NAME",
            action="append",
            default=[],
            help=f"try --level for this {kind} alone; may be repeated; * and ? stand for anything",
        )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="as people or as programs read it")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Simulate, and print what would have been another decision."""
    from infragod.cli.progress import Bar
    from infragod.db.connection import Database
    from infragod.policy import simulate
    from infragod.policy.simulate import render, store

    since = _day(args.since)
    rules = _rules(_levelled(_tried(settings, args.rules), args), args.rule)
    bar = Bar()
    with Database.open(settings, create=False) as database, database.read() as connection:
        bar.start("simulating", store.count(connection, since), "decisions")
        try:
            outcome = simulate.simulate(store.recorded(connection, since), rules, only=args.rule, progress=bar)
        finally:
            bar.finish()
    if args.format == "json":
        print(json.dumps(render.document(outcome, rules.label, args.since), indent=2, ensure_ascii=False))
    else:
        print(render.text(outcome, rules.label, args.since), end="")
    return 0


def _day(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--since is {text!r}; give a day as YYYY-MM-DD") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _tried(settings: Settings, path: Path | None) -> Settings:
    """The settings with the rules of another folder, or with the tables of another settings file on top."""
    if path is None:
        return settings
    if path.is_dir():
        return replace(settings, rules_folder=path.absolute())
    given = settings_module.load(path).tables
    mine = settings.tables
    merged = {name: {**mine.get(name, {}), **given.get(name, {})} for name in ("rules", "packs")}
    return replace(settings, tables={**mine, **merged})


def _levelled(settings: Settings, args: argparse.Namespace) -> Settings:
    """The settings with the level that is tried, for the rules, teams, workspaces and environments named."""
    named = {f"{kind}s": getattr(args, kind) for kind in KINDS if getattr(args, kind)}
    if args.level is None and not named:
        return settings
    if args.level is None or not args.rule:
        raise InputError("what is to be tried is said by --rule ID and --level LEVEL together; give both")
    given = settings.tables.get("rules", {})
    tried = {}
    for rule in _rules(settings, args.rule).all:
        if rule.id in args.rule and not rule.enabled:
            raise InputError(f"the rule {rule.id!r} is off; give --rules FILE with enabled = true in [rules.{rule.id}]")
        if rule.id in args.rule:
            mine = given.get(rule.id, {})
            more = {"for": [*mine.get("for", ()), {**named, "level": args.level}]} if named else {"level": args.level}
            tried[rule.id] = {**mine, **more}
    return replace(settings, tables={**settings.tables, "rules": {**given, **tried}})


def _rules(settings: Settings, only: list[str]) -> RuleSet:
    """The rules as the folder would publish them; a bundle in force does not hold them back here."""
    from infragod.policy import rules

    found = rules.load(settings)
    by_id = {rule.id for rule in found.all}
    for id_ in only:
        if id_ not in by_id:
            raise InputError(f"there is no rule {id_!r}{rules.near(id_, by_id)}")
    return found

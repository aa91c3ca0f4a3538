"""`infragod collect states PLACE…`: learn from Terraform's states what each resource of the bill is called."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infragod import settings
from infragod.cli.actor import actor

if TYPE_CHECKING:
    from infragod.db.connection import Database
    from infragod.lake.replace import Replaced
    from infragod.pipeline import StatesResult
    from infragod.settings import Settings
    from infragod.terraform.estate.store import Learned


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `collect`."""
    kinds = parser.add_subparsers(title="what to collect", metavar="KIND", dest="kind", required=True)
    states = kinds.add_parser(
        "states",
        help="Terraform's and OpenTofu's states: files, folders, s3://bucket/folder, gs://bucket/folder",
        description="Read states, and give the bill's rows their Terraform address and, where no rule does, an owner.",
    )
    states.add_argument("places", nargs="+", metavar="PLACE", help="file, folder, s3://bucket/folder, gs://…")
    states.add_argument("--workspace", metavar="NAME", help="name of the one state's workspace (default: its folder)")
    states.add_argument("--repository", metavar="NAME", help="repository that the configurations lie in")
    states.add_argument(
        "--no-owners", action="store_true", help="leave the months that are loaded as they are; later loads are joined"
    )


def run(args: argparse.Namespace) -> int:
    """Collect the states and say what became of them."""
    from infragod import pipeline
    from infragod.cli.progress import progress
    from infragod.collect.states import find
    from infragod.db import audit
    from infragod.db.connection import Database

    given = settings.load(args.config)
    files = find(args.places, args.workspace)
    with Database.open(given) as database:
        followed = pipeline.follow(given, database)
        result = pipeline.learn(database, files, progress(), repository=args.repository)
        result = replace(result, faults=(*result.faults, *followed.faults))
        if result.changed:
            with database.begin() as connection:
                audit.append(connection, "states.collect", actor(), {"places": args.places, **_counts(result)})
        print("\n".join(_lines(result)))
        if not args.no_owners:
            print("\n".join([*_owned(_own(given, database)), *_compared(given, database)]))
    return 2 if result.faults else 0


def _own(given: Settings, database: Database) -> Mapping[str, Sequence[Replaced]]:
    from infragod import pipeline
    from infragod.cli.progress import progress
    from infragod.lake.lake import Lake
    from infragod.org.ownership import Ownership

    ownership = Ownership.read(given.beside(given.ownership))
    lake = Lake(given.lake, given.retention_days)
    owned = pipeline.own(lake, ownership, pipeline.estate(database), progress())
    changed = {replaced.period for months in owned.values() for replaced in months}
    pipeline.rates(lake, given.home, sorted(changed), datetime.now(UTC).date())
    pipeline.give_way(database, lake)
    return owned


def _compared(given: Settings, database: Database) -> Iterator[str]:
    from infragod import pipeline
    from infragod.cli.followups import said
    from infragod.lake.lake import Lake

    yield from said(pipeline.compare(Lake(given.lake), database))


def _counts(result: StatesResult) -> dict[str, int]:
    read = [s for s in result.learned if s.read]
    return {"states": len(read), "new": sum(s.new for s in read), "gone": sum(s.gone for s in read)}


def _lines(result: StatesResult) -> Iterator[str]:
    read = [s for s in result.learned if s.read]
    same = sum(not s.read and s.older is None for s in result.learned)
    yield f"{_count(len(read), 'state')} read, {same:,} as known, {len(result.faults):,} refused"
    yield from (f"  {_state(s)}" for s in result.learned if s.read or s.older is not None)
    yield from (f"  refused: {fault}" for fault in result.faults)


def _state(learned: Learned) -> str:
    if learned.older is not None:
        return f"{learned.workspace}: left alone, serial {learned.older:,} is known, which is newer"
    return f"{learned.workspace}: {_count(learned.resources, 'resource')}, {learned.new:,} new, {learned.gone:,} gone"


def _owned(owned: Mapping[str, Sequence[Replaced]]) -> Iterator[str]:
    if not owned:
        yield "bills: no month changes"
    for source, months in owned.items():
        rows = sum(m.rows for m in months)
        yield f"bills: {source}, {_count(len(months), 'month')} given owners again, {_count(rows, 'row')}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

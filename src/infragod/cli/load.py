"""`infragod load focus PATH… --source NAME`: bills into the lake, whole months at a time."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from infragod import settings
from infragod.focus import BASES, Period, exact

if TYPE_CHECKING:
    from infragod.lake.join import Estate
    from infragod.lake.lake import Lake
    from infragod.lake.replace import Replaced
    from infragod.pipeline import LoadResult


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    kinds = parser.add_subparsers(title="what to load", metavar="KIND", dest="kind", required=True)
    focus = kinds.add_parser(
        "focus",
        help="FOCUS 1.0 to 1.3: CSV, CSV.gz, Parquet, folders of them, AWS Data Exports",
        description="Load FOCUS bills. Each billing period that the files hold replaces what the source had of it.",
    )
    focus.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file, folder, or AWS export folder")
    focus.add_argument("--source", required=True, metavar="NAME", help="name of the source, for example aws-main")
    focus.add_argument("--yes", action="store_true", help="let a month lose more than half of its rows")


def run(args: argparse.Namespace) -> int:
    """Load the files and say what became of them."""
    from infragod import pipeline
    from infragod.cli.progress import progress
    from infragod.lake.lake import Lake
    from infragod.org.ownership import Ownership

    given = settings.load(args.config)
    lake = Lake(given.lake, given.retention_days)
    ownership = Ownership.read(given.beside(given.ownership))
    known, faults = _estate(given)
    result = pipeline.load(lake, args.paths, args.source, ownership, progress(), yes=args.yes, estate=known)
    pipeline.rates(lake, given.home, [p.period for p in result.periods], datetime.now(UTC).date())
    print("\n".join([*_lines(replace(result, notes=(*result.notes, *faults))), *_compared(given, lake)]))
    return 0


def _compared(given: settings.Settings, lake: Lake) -> Iterator[str]:
    """What the load tells of estimates of applied plans; holds on budgets give way to it first."""
    from infragod import pipeline
    from infragod.cli.followups import said
    from infragod.db.connection import Database, exists

    if exists(given):
        with Database.open(given) as database:
            pipeline.give_way(database, lake)
            yield from said(pipeline.compare(lake, database))


def _estate(given: settings.Settings) -> tuple[Estate | None, tuple[str, ...]]:
    """What Terraform's states know, where a database is there that may tell; and what of it cannot be read here."""
    from infragod import pipeline
    from infragod.db.connection import Database, exists

    if not exists(given):
        return None, ()
    with Database.open(given) as database:
        followed = pipeline.follow(given, database)
        return pipeline.estate(database), followed.faults


def _lines(result: LoadResult) -> Iterator[str]:
    verb = "loaded" if result.changed else "nothing changed,"
    yield f"{result.source}: {verb} {_rows(result.rows)} of {_span([p.period for p in result.periods])}"
    yield ""
    yield from (f"  {_period(p)}" for p in result.periods)
    yield ""
    yield from _totals(result)
    if result.notes:
        yield ""
        yield from (f"  note: {note}" for note in result.notes)


def _period(replaced: Replaced) -> str:
    if not replaced.changed:
        return f"{replaced.period}: unchanged, {_rows(replaced.rows)}"
    if replaced.before is None:
        return f"{replaced.period}: new, {_rows(replaced.rows)}"
    return f"{replaced.period}: replaced {_rows(replaced.before)} by {replaced.rows:,}"


def _totals(result: LoadResult) -> Iterator[str]:
    currencies = sorted({currency for currency, _ in result.totals})
    for currency in currencies:
        for basis, column in BASES.items():
            total = result.totals[currency, basis]
            yield f"  {column:<15} {currency} {exact(total) if total is not None else 'unknown':>24}"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _span(periods: list[Period]) -> str:
    if len(periods) == 1:
        return str(periods[0])
    return f"{len(periods)} billing periods, {min(periods)} to {max(periods)}"

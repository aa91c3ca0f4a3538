"""`infragod allocation check|simulate`: prove allocation.toml, and see what another would have moved."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infragod import settings as settings_module
from infragod.errors import InputError
from infragod.focus import BASES, Period, exact

if TYPE_CHECKING:
    from infragod.finance.allocation.simulate import Moved
    from infragod.settings import Settings

FORMATS: Final = ("table", "csv", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `allocation`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="read allocation.toml, and follow it over the newest month that is loaded")
    check.add_argument("--file", type=Path, metavar="FILE", help="another file than the one beside the settings")
    check.add_argument("--month", type=Period.parse, metavar="YYYY-MM", help="another month than the newest")
    simulate = verbs.add_parser("simulate", help="say what a change would have moved, month by month, by team")
    simulate.add_argument("--month", type=Period.parse, metavar="YYYY-MM", help="one month (default: all there are)")
    simulate.add_argument("--with", dest="other", type=Path, metavar="FILE", help="the changed file (default: none)")
    simulate.add_argument("--basis", choices=tuple(BASES), default="effective", help="which cost (default: effective)")
    simulate.add_argument("--format", choices=FORMATS, default="table", help="how rows are written (default: table)")


def run(args: argparse.Namespace) -> int:
    """Check or simulate."""
    settings = settings_module.load(args.config)
    return _check(args, settings) if args.verb == "check" else _simulate(args, settings)


def _check(args: argparse.Namespace, settings: Settings) -> int:
    from infragod import pipeline
    from infragod.finance.allocation import plan
    from infragod.lake.lake import Lake
    from infragod.report.run import months

    path = args.file or settings.beside(Path(plan.FILE))
    if not path.is_file():
        raise InputError(f"there is no {path}; without it every row is its owner's, and the rest is in suspense")
    allocation = plan.read(path)
    print(f"{path}: {len(allocation.pools)} pools, version {allocation.version}")
    with Lake(settings.lake).engine() as engine:
        there = months(engine)
        if not there:
            print("nothing is loaded yet, so names and keys are not checked")
            return 0
        month = args.month or there[-1]
        if month not in there:
            raise InputError(f"there is no charge of {month}; the newest month is {there[-1]}")
        pipeline.allocate(engine, settings, month, month, path)
        for how, currency, cost in engine.run(_BY_HOW):
            print(f"  {month}  {how:<10} {currency} {exact(cost) if cost is not None else 'unknown':>24}")
    return 0


_BY_HOW: Final = "SELECT x_how, currency, SUM(EffectiveCost) FROM allocated GROUP BY x_how, currency ORDER BY 2, 1"


def _simulate(args: argparse.Namespace, settings: Settings) -> int:
    from infragod import pipeline
    from infragod.finance.allocation import plan
    from infragod.finance.allocation.simulate import simulate
    from infragod.lake.lake import Lake

    mine = settings.beside(Path(plan.FILE))
    other = args.other or mine
    if not other.is_file():
        raise InputError(f"there is no {other}; name the changed file by --with")
    before = mine if args.other else mine.with_name(f"no-{plan.FILE}")  # without a change: what the file itself moves
    with Lake(settings.lake).engine() as engine:
        found = simulate(
            engine,
            lambda: pipeline.allocate(engine, settings, args.month, args.month, before),
            lambda: pipeline.allocate(engine, settings, args.month, args.month, other),
            BASES[args.basis],
        )
    _write(args.format, found, f"{args.basis} cost: {plan.read(other).version} in place of {plan.read(before).version}")
    return 0


def _write(how: str, found: list[Moved], title: str) -> None:
    from infragod.report import render
    from infragod.report.definition import Report

    rows: list[dict[str, Any]] = [
        {n: getattr(m, n) for n in ("month", "team", "currency", "before", "after", "moved")} for m in found
    ]
    report = Report("simulate", f"What each team bears, {title}", ("before", "after", "moved"), (), "")
    if not rows and how == "table":
        print("nothing moves between teams", file=sys.stderr)
    elif how == "table":
        sys.stdout.write(render.table(report, rows))
    else:
        sys.stdout.write(render.as_json(rows) if how == "json" else render.as_csv(rows))

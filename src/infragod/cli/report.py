"""`infragod report NAME`: print what the lake's rows come to."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infragod import settings as settings_module
from infragod.errors import InputError
from infragod.focus import BASES, Period
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.lake.engine import Engine
    from infragod.report.definition import Report

FORMATS: Final = ("table", "csv", "json", "parquet")
EMPTY: Final = "nothing is loaded yet; load a bill by `infragod load focus FILE --source NAME`"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `report`."""
    more = "allocated, workspaces, modules, repositories, unmanaged, coverage, ungated or accuracy"
    parser.add_argument("name", metavar="NAME", help=f"showback, spend, owners, services, resources, charges, {more}")
    parser.add_argument("--month", type=Period.parse, metavar="YYYY-MM", help="one month (default: all there are)")
    parser.add_argument("--from", dest="first", type=Period.parse, metavar="YYYY-MM", help="first month")
    parser.add_argument("--to", dest="last", type=Period.parse, metavar="YYYY-MM", help="last month")
    parser.add_argument("--by", nargs="+", metavar="COLUMN", help="columns to group by (default: x_team,x_service)")
    parser.add_argument("--basis", choices=tuple(BASES), help="which cost (default: effective)")
    parser.add_argument("--team", help="owner, for services and resources (default: what nobody owns)")
    parser.add_argument("--service", help="service, for resources (default: what belongs to none)")
    parser.add_argument("--resource", help="ResourceId, for charges")
    parser.add_argument("--limit", type=int, help="most rows, for reports that are paged")
    parser.add_argument("--format", choices=FORMATS, default="table", help="how the rows are written (default: table)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="file to write (default: standard output)")


def run(args: argparse.Namespace) -> int:
    """Print or write the report."""
    from infragod.lake.lake import Lake
    from infragod.report import run as reports
    from infragod.report.definition import load

    report = load(args.name)
    if args.format == "parquet" and args.out is None:
        raise InputError("Parquet is no text for a terminal; name a file by --out F.parquet")
    settings = settings_module.load(args.config)
    parameters = _parameters(args, report)
    with Lake(settings.lake).engine() as engine:
        if "gated" in report.tables:
            _gate(engine, settings, args)
        if "accuracy" in report.tables:
            _accuracy(engine, settings)
        if "allocated" in report.tables:
            _allocate(engine, settings, args)
        rows = reports.rows(engine, report.id, **parameters)
        if not rows:
            _nothing(engine, parameters)
    _write(args, report, rows)
    return 0


def _gate(engine: Engine, settings: Settings, args: argparse.Namespace) -> None:
    """What the gate had said of the month's new resources, for the reports that read it."""
    from infragod import pipeline
    from infragod.db.connection import Database
    from infragod.report.coverage import asked

    if args.month is None:
        raise InputError(f"the report {args.name} needs month: the month")
    with Database.open(settings) as database:
        pipeline.gate(engine, database, asked(args.month, args.basis or "effective", settings.creator_tags))


def _accuracy(engine: Engine, settings: Settings) -> None:
    """The estimates of applied plans with what was billed, as they were last compared."""
    from infragod import pipeline
    from infragod.db.connection import Database

    with Database.open(settings) as database:
        pipeline.accuracy(engine, database)


def _allocate(engine: Engine, settings: Settings, args: argparse.Namespace) -> None:
    """Every cent with its owner, by allocation.toml."""
    from infragod import pipeline

    pipeline.allocate(engine, settings, args.month or args.first, args.month or args.last)


def _parameters(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """What was given, as the report's parameters; ``InputError`` for an option that the report does not have."""
    names = {p.name for p in report.parameters}
    given = {
        "by": None if args.by is None else ",".join(args.by),
        **{name: getattr(args, name) for name in ("first", "last", "basis", "team", "service", "resource", "limit")},
    }
    if args.month is not None and (args.first or args.last):
        raise InputError("give either --month or --from and --to")
    if "month" not in names:
        given |= {} if args.month is None else {"first": args.month, "last": args.month}
    elif args.month is not None:
        given |= {"month": args.month} | ({"previous": args.month.plus(-1)} if "previous" in names else {})
    return {name: value for name, value in given.items() if value is not None}


def _nothing(engine: Engine, parameters: dict[str, Any]) -> None:
    """No row: an empty lake is said so; a month that is not there is an error that names those that are."""
    from infragod.report.run import months

    there = months(engine)
    asked = parameters.get("month") or parameters.get("first") or parameters.get("last")
    if asked is not None and not there:
        raise InputError(f"there is no charge of {asked}: {EMPTY}")
    if asked is not None and not any(
        parameters.get("first", asked) <= m <= parameters.get("last", asked) for m in there
    ):
        raise InputError(f"there is no charge of {asked}; the months there are: {_spans(there)}")
    print(f"infragod: {EMPTY if not there else 'no charge fits; leave out an option'}", file=sys.stderr)


def _spans(months: list[Period]) -> str:
    """`2025-11 to 2026-10, 2027-01`: months that follow each other are folded."""
    spans: list[list[Period]] = []
    for month in months:
        if spans and spans[-1][-1].plus(1) == month:
            spans[-1].append(month)
        else:
            spans.append([month])
    return ", ".join(str(s[0]) if len(s) == 1 else f"{s[0]} to {s[-1]}" for s in spans)


def _write(args: argparse.Namespace, report: Report, rows: list[dict[str, Any]]) -> None:
    from infragod.report import render

    if args.format == "parquet":
        render.write_parquet(report, rows, args.out)
    else:
        text = _text(args.format, report, rows)
        if args.out is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            render.write_text(text, args.out)
    if args.out is not None:
        print(f"{len(rows)} rows in {args.out}", file=sys.stderr)


def _text(how: str, report: Report, rows: list[dict[str, Any]]) -> str:
    from infragod.report import render

    if how == "json":
        return render.as_json(rows)
    return render.as_csv(rows) if how == "csv" else render.table(report, rows) + _headline(report, rows)


def _headline(report: Report, rows: list[dict[str, Any]]) -> str:
    """What the table comes to in a sentence, where the report has one."""
    from infragod.report import coverage

    return f"\n{coverage.headline(rows)}\n" if report.id == "coverage" and rows else ""

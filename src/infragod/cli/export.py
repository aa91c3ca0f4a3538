"""`infragod export focus --version V --out FILE`: the lake's charges as a FOCUS file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infragod import settings
from infragod.errors import InputError
from infragod.focus import BASES, Period, exact

if TYPE_CHECKING:
    from infragod.lake.lake import Lake
    from infragod.report.export.select import Choice
    from infragod.report.export.write import Exported

VERSIONS: Final = ("1.2", "1.4")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    kinds = parser.add_subparsers(title="what to export", metavar="KIND", dest="kind", required=True)
    focus = kinds.add_parser(
        "focus",
        help="charges as a FOCUS file: Parquet, CSV or CSV.gz",
        description="Write the lake's charges as one FOCUS file, to the last decimal and in the bill's own currency.",
    )
    focus.add_argument("--version", choices=VERSIONS, required=True, help="version of FOCUS")
    focus.add_argument("--out", type=Path, required=True, metavar="FILE", help="F.parquet, F.csv or F.csv.gz")
    focus.add_argument("--month", type=Period.parse, metavar="YYYY-MM", help="one month (default: all there are)")
    focus.add_argument("--from", dest="first", type=Period.parse, metavar="YYYY-MM", help="first month")
    focus.add_argument("--to", dest="last", type=Period.parse, metavar="YYYY-MM", help="last month")
    focus.add_argument("--source", metavar="NAME", help="one source (default: all there are)")
    focus.add_argument("--force", action="store_true", help="replace the file if it is there already")


def run(args: argparse.Namespace) -> int:
    """Write the file, and say what it comes to."""
    from infragod.cli.progress import progress
    from infragod.lake.lake import Lake
    from infragod.report.export.select import Choice
    from infragod.report.export.versions import VERSIONS as KNOWN
    from infragod.report.export.write import export

    if args.month is not None and (args.first or args.last):
        raise InputError("give either --month or --from and --to")
    lake = Lake(settings.load(args.config).lake)
    choice = Choice(args.month or args.first, args.month or args.last, args.source)
    exported = export(lake, KNOWN[args.version], choice, args.out, progress(), force=args.force)
    if exported is None:
        raise _nothing(lake, choice)
    print("\n".join(_lines(exported, args.version)))
    return 0


def _nothing(lake: Lake, choice: Choice) -> InputError:
    """Why there is no row: an empty lake, a source or a month that is not there."""
    from infragod.cli.report import EMPTY

    held = lake.sources()
    if not held:
        return InputError(EMPTY)
    if choice.source is not None and choice.source not in {s.source for s in held}:
        return InputError(f"there is no source {choice.source}; those there are: {', '.join(s.source for s in held)}")
    months = sorted({p for s in held if choice.source in {None, s.source} for p in s.periods})
    asked = " to ".join(dict.fromkeys(str(m) for m in (choice.first, choice.last) if m))
    return InputError(f"there is no charge of {asked}; what is loaded begins in {months[0]} and ends in {months[-1]}")


def _lines(exported: Exported, version: str) -> Iterator[str]:
    yield f"{exported.rows:,} row{'' if exported.rows == 1 else 's'} of FOCUS {version} in {exported.path}"
    yield ""
    for currency, basis in exported.totals:
        total = exported.totals[currency, basis]
        yield f"  {BASES[basis]:<15} {currency} {exact(total) if total is not None else 'unknown':>24}"
    if exported.notes:
        yield ""
        yield from (f"  note: {note}" for note in exported.notes)

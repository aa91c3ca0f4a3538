"""`infragod org import FILE`: put the organisation of a CSV in the place of the one there is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from infragod import settings as settings_module
from infragod.cli.actor import actor

if TYPE_CHECKING:
    from infragod.org.organisation import Difference
    from infragod.spreadsheet import Sheet


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `org`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    bring = verbs.add_parser("import", help="replace teams and services by those of a CSV file")
    bring.add_argument(
        "file", type=Path, metavar="FILE", help="CSV: service, team, cost_centre, environment, lead, unit"
    )
    bring.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")


def run(args: argparse.Namespace) -> int:
    """Import the organisation."""
    from infragod.budget.store import teams_with_budgets
    from infragod.db import audit
    from infragod.db.connection import Database
    from infragod.org import sheet, store
    from infragod.org.organisation import compare

    new, read = sheet.load(args.file)
    with Database.open(settings_module.load(args.config)) as database:
        with database.read() as connection:
            stray = sorted(teams_with_budgets(connection) - {team.name for team in new.teams})
        if args.dry_run:
            with database.read() as connection:
                changes = compare(store.organisation(connection), new)
        else:
            with database.begin() as connection:
                changes = store.replace(connection, new)
                counts = {"file": args.file.name, "teams": len(new.teams), "services": len(new.services)}
                audit.append(connection, "org.import", actor(), counts | {"changed": bool(changes)})
    print(f"{counted(len(new.teams), 'team')} and {counted(len(new.services), 'service')} in {args.file}")
    print_ignored(read)
    print_difference("teams", changes.teams)
    print_difference("services", changes.services)
    if stray:
        print(f"budgets without a team: {shortened(tuple(stray))}")
    if args.dry_run:
        print("nothing was written (--dry-run)")
    return 0


def print_ignored(sheet: Sheet) -> None:
    """Say which columns of the file mean nothing to us."""
    if sheet.ignored:
        print(f"columns not used: {', '.join(sheet.ignored)}")


def print_difference(what: str, difference: Difference) -> None:
    """One line of counts, and one of names for each that is not 0."""
    kinds = (("added", difference.added), ("changed", difference.changed), ("removed", difference.removed))
    print(f"{what + ':':<10}" + (", ".join(f"{len(n)} {kind}" for kind, n in kinds if n) or "as they were"))
    for kind, names in kinds:
        if names:
            print(f"  {kind:<9}{shortened(names)}")


def counted(number: int, noun: str) -> str:
    """`1 team`, `2 teams`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shortened(names: tuple[str, ...], most: int = 8) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more

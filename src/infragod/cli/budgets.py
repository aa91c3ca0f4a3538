"""`infragod budgets import FILE`: write the budgets of a CSV."""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from infragod import settings as settings_module
from infragod.cli.actor import actor
from infragod.focus import exact, money

if TYPE_CHECKING:
    from infragod.budget.budgets import Budget, Changes


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `budgets`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    bring = verbs.add_parser("import", help="write the budgets of a CSV file")
    bring.add_argument("file", type=Path, metavar="FILE", help="CSV: team, month (or range or year), amount, currency")
    bring.add_argument(
        "--replace", action="store_true", help="remove budgets of its months that the file does not name"
    )
    bring.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")


def run(args: argparse.Namespace) -> int:
    """Import the budgets."""
    from infragod.budget import sheet, store
    from infragod.budget.budgets import compare
    from infragod.cli.org import print_ignored
    from infragod.db import audit
    from infragod.db.connection import Database
    from infragod.org.store import teams

    settings = settings_module.load(args.config)
    with Database.open(settings) as database:
        with database.read() as connection:
            known = [team.name for team in teams(connection)]
        new, read = sheet.load(args.file, known, settings.currency)
        if args.dry_run:
            with database.read() as connection:
                changes = compare(store.of_months(connection, {b.month for b in new}), new, replace=args.replace)
        else:
            with database.begin() as connection:
                changes = store.save(connection, new, replace=args.replace)
                audit.append(connection, "budgets.import", actor(), {"file": args.file.name, **_counts(changes, new)})
    print_ignored(read)
    _print(changes, new, settings.currency)
    if args.dry_run:
        print("nothing was written (--dry-run)")
    return 0


def _counts(changes: Changes, new: list[Budget]) -> dict[str, int | str]:
    return {
        "added": len(changes.added),
        "changed": len(changes.changed),
        "removed": len(changes.removed),
        "total": exact(_total(new)),
    }


def _total(budgets: list[Budget]) -> Decimal:
    return sum((b.amount for b in budgets), Decimal(0))


def _print(changes: Changes, new: list[Budget], currency: str) -> None:
    from infragod.cli.org import counted

    teams, months = {b.team for b in new}, sorted({b.month for b in new})
    span = str(months[0]) if len(months) == 1 else f"{months[0]} to {months[-1]}"
    print(f"{counted(len(new), 'budget')} of {counted(len(teams), 'team')}, {span}: {money(_total(new), currency)}")
    kinds = (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed))
    print(", ".join(f"{len(b)} {kind}" for kind, b in kinds if b) or "all as they were")

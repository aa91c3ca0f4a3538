"""`infragod prices`: import price lists of the providers, list what there is, find a price."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from infragod import settings
from infragod.errors import InputError

if TYPE_CHECKING:
    from infragod.price.importers.compare import Changed
    from infragod.price.importers.publish import Workplace
    from infragod.price.sheet import Sheet, Source
    from infragod.progress import Progress

SHOWN: Final = 10
PROVIDERS: Final = ("aws", "gcp", "azure")
DRY: Final = "Nothing came into use: that was a dry run. The lists wait, and the import itself won't read them again."


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one list that was read."""

    source: Source
    count: int
    refused: Mapping[tuple[str, str, str], str]
    changed: Sequence[Changed]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", dest="verb", required=True)
    imports = verbs.add_parser(
        "import",
        help="import the price lists of aws, gcp or azure",
        description="Read a provider's price lists into a sheet that goes before the built-in one. The new sheet "
        "replaces the old one when it is whole; a run that broke off goes on where it was.",
    )
    imports.add_argument("provider", choices=PROVIDERS, help="whose price lists")
    imports.add_argument("--from", dest="place", default="", metavar="FILE_OR_URL", help="file, folder or address")
    imports.add_argument(
        "--offer", action="append", default=[], metavar="CODE", help="aws: this list alone; repeatable"
    )
    imports.add_argument(
        "--service", action="append", default=[], metavar="NAME", help="gcp, azure: this service alone; repeatable"
    )
    imports.add_argument(
        "--region", action="append", default=[], metavar="REGION", help="this region alone; repeatable"
    )
    imports.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    imports.add_argument("--yes", action="store_true", help="also where a list has fewer than half of its prices left")
    imports.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    rates = verbs.add_parser(
        "rates",
        help="the company's own rates, learnt from its bills, against the listed prices",
        description="What a unit costs the company: the marginal price of the last full month, before any list price.",
    )
    rates.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    rates.add_argument("--renew", action="store_true", help="learn them again from the bills that are loaded")
    listed = verbs.add_parser("list", help="the sheets in use: services, regions, prices, sources")
    listed.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")


def run(args: argparse.Namespace) -> int:
    """Import, or say what there is."""
    return {"import": _import, "rates": _rates, "list": _list}[args.verb](args)


def _import(args: argparse.Namespace) -> int:
    from infragod.cli.actor import actor
    from infragod.cli.progress import progress
    from infragod.db import audit
    from infragod.db.connection import Database
    from infragod.price import imported
    from infragod.price.importers.publish import Workplace

    given = settings.load(args.config)
    work = Workplace(given.home, args.provider)
    old, before = imported.sheet(given.home), imported.number(given.home)
    with work.held(), Database.open(given) as database:
        names = list(dict.fromkeys(_gather(args, given, work, progress())))
        told = list(_told(work, names, old, args))
        if args.dry_run:
            print(_json(told, before) if args.format == "json" else "\n".join((*_lines(told, args.provider), DRY)))
            return 0
        with database.begin() as connection:  # what cannot be logged does not come into use
            said = {"provider": args.provider, "lists": [str(one.source) for one in told]}
            audit.append(connection, "prices.import", actor(), said)
            number = work.publish(names)
    same = () if number != before else (f"Nothing changed: sheet {number} says the same already.",)
    print(_json(told, number) if args.format == "json" else "\n".join((*_lines(told, args.provider), *same)))
    return 0


def _gather(args: argparse.Namespace, given: settings.Settings, work: Workplace, progress: Progress) -> Iterator[str]:
    """Read the provider's lists into the workplace; their names."""
    from infragod.price.importers import aws, azure, gcp

    wrong = "--service" if args.provider == "aws" and args.service else ""
    wrong = "--offer" if args.provider != "aws" and args.offer else wrong
    if wrong:
        raise InputError(f"{wrong} is not for {args.provider}; see infragod prices import --help")
    today = datetime.now(UTC).date()
    if args.provider == "aws":
        return aws.gather(work, aws.Wish(args.place, args.offer, args.region), today, progress)
    if args.provider == "gcp":
        wish = gcp.Wish(args.place, args.service, args.region, given.google_api_key)
        return gcp.gather(work, wish, today, progress)
    return azure.gather(work, azure.Wish(args.place, args.service, args.region), today, progress)


def _told(work: Workplace, names: Sequence[str], old: Sheet | None, args: argparse.Namespace) -> Iterator[Told]:
    """What is said of each list; ``InputError`` where they must not come into use. One list at a time is in memory."""
    from infragod.price.importers import compare

    counts = {}
    for part in map(work.part, names):
        counts[part.head] = part.count
        yield Told(part.source, part.count, part.refused, list(compare.compare(part, old)))
    if not any(counts.values()):
        wanted = "price" if args.provider == "azure" else "price that a recipe needs"
        raise InputError(f"{args.place or args.provider} holds no {wanted}; the sheet stays as it is")
    fallen = compare.fallen(counts, old)
    if fallen and not args.yes:
        raise InputError(f"{fallen}: less than half; if that is right, run it again with --yes")


def _lines(told: Sequence[Told], provider: str) -> Iterator[str]:
    for one in told:
        yield f"{one.source}: {one.count:,} prices, {len(one.refused):,} refused"
        for change in one.changed:
            counts = (
                f"{change.new:,} new, {len(change.changes):,} changed, {change.same:,} the same, {change.gone:,} gone"
            )
            yield f"  {change.service:<16} {change.region:<16} {counts}{_span(change)}"
    refused = [(place, why) for one in told for place, why in one.refused.items()]
    for (service, region, key), why in refused[:SHOWN]:
        yield f"  refused: {service} {region} {key}: {why}"
    if len(refused) > SHOWN:
        yield f"  and {len(refused) - SHOWN:,} more refused; --format json names each"
    if provider == "azure":
        yield "No resource type of Azure is estimated yet: these prices are for reports and comparison."


def _counts(one: Changed) -> str:
    counts = f"{one.new:,} new, {len(one.changes):,} changed, {one.same:,} the same, {one.gone:,} gone"
    return counts + _span(one)


def _span(one: Changed) -> str:
    if not one.changes:
        return ""
    low, high = one.changes[0][0], one.changes[-1][0]
    return f"; by {low * 100:+.1f} % to {high * 100:+.1f} %, half of them below {one.median * 100:+.1f} %"


def _json(told: Sequence[Told], number: int) -> str:
    document: dict[str, Any] = {
        "sheet": number,
        "lists": [
            {
                "source": one.source.id,
                "date": one.source.date.isoformat(),
                "prices": one.count,
                "refused": [
                    {"service": s, "region": r, "key": k, "why": why} for (s, r, k), why in one.refused.items()
                ],
            }
            for one in told
        ],
        "services": [_changed(change) for one in told for change in one.changed],
    }
    return json.dumps(document, indent=2)


def _changed(one: Changed) -> dict[str, Any]:
    return {
        "service": one.service,
        "region": one.region,
        "new": one.new,
        "same": one.same,
        "gone": one.gone,
        "changes": [
            {"key": key, "option": option, "before": f"{before:f}", "after": f"{after:f}"}
            for _, (key, option), before, after in one.changes
        ],
    }


def _rates(args: argparse.Namespace) -> int:
    from infragod.price import in_use, own

    given = settings.load(args.config)
    today = datetime.now(UTC).date()
    if args.renew:
        _renew(given, today)
    rates = own.read(given.home, today)
    if rates is None:
        print("no rates are known: load the bill of a full month, no older than three, by: infragod load focus PATH")
        return 0
    prices = in_use.prices(given.home, today)
    rows = [
        {
            "provider": name[0],
            "service": name[1],
            "region": name[2],
            "key": name[3],
            "account": account,
            "rate": f"{price:f}",
            "unit": unit,
            "listed": f"{listed.amount:f}" if (listed := prices.listed(*name)) else None,
        }
        for name, by_account in sorted(rates.rates.items())
        for account, (price, unit) in sorted(by_account.items())
    ]
    print(json.dumps({"month": str(rates.month), "rates": rows}, indent=2) if args.format == "json" else _table(rows))
    return 0


def _renew(given: settings.Settings, today: date) -> None:
    from infragod import pipeline
    from infragod.lake.lake import Lake

    lake = Lake(given.lake, given.retention_days)
    loaded = {period for source in lake.sources() for period in source.periods}
    pipeline.rates(lake, given.home, sorted(loaded), today)


def _table(rows: Sequence[Mapping[str, str | None]]) -> str:
    names = ("service", "region", "key", "account", "rate", "listed")
    shown = [[row[name] or "unknown" for name in names] for row in rows]
    widths = [max(len(line[i]) for line in (names, *shown)) for i in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (names, *shown)
    )


def _list(args: argparse.Namespace) -> int:
    from infragod.price import in_use

    rows = [
        {
            "sheet": sheet.title,
            "provider": provider.name,
            "service": service.name,
            "regions": len(sheet.regions(provider.name, service.name)),
            "prices": sum(
                len(sheet.rows(provider.name, service.name, r)) for r in sheet.regions(provider.name, service.name)
            ),
        }
        for sheet in in_use.prices(settings.load(args.config).home, datetime.now(UTC).date()).sheets
        for provider in sorted(path for path in sheet.folder.iterdir() if path.is_dir())
        for service in sorted(path for path in provider.iterdir() if path.is_dir())
    ]
    if args.format == "json":
        print(json.dumps(rows, indent=2))
        return 0
    print(f"{'sheet':<22} {'provider':<9} {'service':<20} {'regions':>7} {'prices':>9}")
    for row in rows:
        print(f"{row['sheet']:<22} {row['provider']:<9} {row['service']:<20} {row['regions']:>7} {row['prices']:>9,}")
    return 0

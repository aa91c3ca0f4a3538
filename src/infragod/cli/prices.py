"""`infragod prices`: import price lists of the providers, list what there is, find a price."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from infragod import settings
from infragod.errors import InputError

if TYPE_CHECKING:
    from infragod.price.importers.compare import Changed
    from infragod.price.importers.publish import Part

SHOWN: Final = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", dest="verb", required=True)
    imports = verbs.add_parser(
        "import",
        help="import the price lists of aws, gcp or azure",
        description="Read a provider's price lists into a sheet that goes before the built-in one. The new sheet "
        "replaces the old one when it is whole; a run that broke off goes on where it was.",
    )
    imports.add_argument("provider", choices=("aws",), help="whose price lists")
    imports.add_argument("--from", dest="place", default="", metavar="FILE_OR_URL", help="file, folder or address")
    imports.add_argument("--offer", action="append", default=[], metavar="CODE", help="this list alone; repeatable")
    imports.add_argument(
        "--region", action="append", default=[], metavar="REGION", help="this region alone; repeatable"
    )
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
    from infragod.price.importers import aws, compare
    from infragod.price.importers.publish import Workplace

    given = settings.load(args.config)
    wish = aws.Wish(args.place, args.offer, args.region)
    work = Workplace(given.home, args.provider)
    old = imported.sheet(given.home)
    with work.held(), Database.open(given) as database:
        names = list(aws.gather(work, wish, datetime.now(UTC).date(), progress()))
        parts = [work.part(name) for name in names]
        _refuse(parts, compare.fallen(parts, old), args)
        changed = list(compare.compare(parts, old))
        with database.begin() as connection:  # what cannot be logged does not come into use
            said = {"provider": args.provider, "lists": [str(part.source) for part in parts]}
            audit.append(connection, "prices.import", actor(), said)
            number = work.publish(names)
    print(_json(parts, changed, number) if args.format == "json" else "\n".join(_lines(parts, changed)))
    return 0


def _refuse(parts: Sequence[Part], fallen: str, args: argparse.Namespace) -> None:
    if not any(part.count for part in parts):
        raise InputError(f"{args.place or args.provider} holds no price that a recipe needs; the sheet stays as it is")
    if fallen and not args.yes:
        raise InputError(f"{fallen}: less than half; if that is right, run it again with --yes")


def _lines(parts: Sequence[Part], changed: Sequence[Changed]) -> Iterator[str]:
    for part in parts:
        yield f"{part.source}: {part.count:,} prices, {len(part.refused):,} refused"
    for one in changed:
        counts = f"{one.new:,} new, {len(one.changes):,} changed, {one.same:,} the same, {one.gone:,} gone"
        yield f"  {one.service:<16} {one.region:<16} {counts}{_span(one)}"
    refused = [(place, why) for part in parts for place, why in part.refused.items()]
    for (service, region, key), why in refused[:SHOWN]:
        yield f"  refused: {service} {region} {key}: {why}"
    if len(refused) > SHOWN:
        yield f"  and {len(refused) - SHOWN:,} more refused; --format json names each"


def _span(one: Changed) -> str:
    if not one.changes:
        return ""
    low, high = one.changes[0][0], one.changes[-1][0]
    return f"; by {low * 100:+.1f} % to {high * 100:+.1f} %, half of them below {one.median * 100:+.1f} %"


def _json(parts: Sequence[Part], changed: Sequence[Changed], number: int) -> str:
    document: dict[str, Any] = {
        "sheet": number,
        "lists": [
            {
                "source": part.source.id,
                "date": part.source.date.isoformat(),
                "prices": part.count,
                "refused": [
                    {"service": s, "region": r, "key": k, "why": why} for (s, r, k), why in part.refused.items()
                ],
            }
            for part in parts
        ],
        "services": [
            {
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
            for one in changed
        ],
    }
    return json.dumps(document, indent=2)


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

"""`infragod demo`: build the example company, check its three plans as an engineer would, and serve its pages."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from infragod.errors import InputError

if TYPE_CHECKING:
    from infragod.demo.build import Company
    from infragod.demo.plans import DemoPlan
    from infragod.gate import House

KEPT = ("INFRAGOD_HOST", "INFRAGOD_PORT", "INFRAGOD_PUBLIC_URL")
"""What the example company takes of the environment: where it is served, and nothing of a real company."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `demo`."""
    parser.add_argument("--home", type=Path, metavar="DIR", help="folder to build it in (default: ~/.infragod-demo)")
    parser.add_argument("--no-serve", action="store_true", help="stop when it is built and its plans are checked")
    parser.add_argument("--rebuild", action="store_true", help="build it again where it is there already")
    parser.add_argument(
        "--today", type=_day, metavar="DATE", help="the day its bills reach to, YYYY-MM-DD; the same day, the same rows"
    )
    parser.add_argument("--rows", type=_rows, metavar="N", help="about how many rows its bills have (default: 330000)")
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for any free one (default: 8080)")


def run(args: argparse.Namespace) -> int:
    """Build, check, serve."""
    from infragod.cli.progress import progress
    from infragod.demo import bill, build, home

    root = (args.home or home.DEFAULT).expanduser().absolute()
    today = args.today or datetime.now(UTC).date()
    made = home.read(root)
    fresh = made is None or not made.complete or args.rebuild
    if not fresh and made is not None:
        today = date.fromisoformat(made.today)
        print(f"The example company of {today} is in {root} already; --rebuild makes it again.\n")
    company = build.build(root, today, args.rows or bill.ROWS, progress()) if fresh else build.describe(root, today)
    print(described(company, today))
    _check(company, today, record=fresh)
    print(f"Try more of it:  cd {company.folder}  and there  infragod report showback --by x_team,x_service")
    return 0 if args.no_serve else _serve(args, root)


def described(company: Company, today: date) -> str:
    """What was built, in a few lines."""
    from infragod.demo import company as facts
    from infragod.focus import money

    services = sum(len(team.services) for team in facts.teams())
    total = money(company.totals["effective"])
    return (
        f"{facts.NAME}, as of {today}: {len(facts.teams())} teams, {services} services, {company.rows:,} rows of\n"
        f"bills from AWS and Google Cloud, {total} in twelve months and the days of this one.\n"
    )


def _check(company: Company, today: date, *, record: bool) -> None:
    from infragod.demo import build
    from infragod.gate import House

    with House.open(build.settings_of(company.home, _environment())) as house:
        for plan in company.plans:
            _check_one(company, plan, today, house, record=record)


def _check_one(company: Company, plan: DemoPlan, today: date, house: House, *, record: bool) -> None:
    """What `infragod check` does, on the company's day."""
    from infragod import gate
    from infragod.cli.actor import actor
    from infragod.cli.check import EXIT, rendered
    from infragod.policy.decision import document
    from infragod.terraform import plan as plan_reader

    path = company.folder / plan.workspace / "plan.json"
    data, where = plan_reader.load(path)
    decision = gate.check(gate.CheckRequest(data, where, plan.workspace, actor(), today, record=record), house)
    print(f"$ infragod check {plan.workspace}/plan.json")
    print(rendered(document(decision), "text", colour=_colour()))
    print(f"$ echo $?\n{EXIT[decision.verdict.value]}\n{'─' * min(100, shutil.get_terminal_size().columns)}")


def _serve(args: argparse.Namespace, root: Path) -> int:
    from infragod.cli.serve import serve
    from infragod.demo import build

    settings = build.settings_of(root, _environment())
    port = settings.port if args.port is None else args.port
    return serve(replace(settings, host=args.host or settings.host, port=port))


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day; write it as YYYY-MM-DD, for example 2026-11-22") from None


def _rows(text: str) -> int:
    if not text.isdecimal() or not 1_000 <= int(text) <= 10_000_000:  # noqa: PLR2004 - said in the sentence
        raise InputError(f"{text!r} is no number of rows; give one between 1000 and 10000000")
    return int(text)

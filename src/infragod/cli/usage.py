"""`infragod usage init PLAN`: begin a usage file with the keys that a plan leaves open, what matters most first."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from infragod import settings

if TYPE_CHECKING:
    from infragod.price.usage_init import Begun


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", dest="verb", required=True)
    init = verbs.add_parser(
        "init",
        help="begin a usage file for a plan, with what matters most first",
        description="Write the usage keys that a plan leaves open, as comments to fill in, with what is measured.",
    )
    init.add_argument("plan", metavar="PLAN", help="plan file, or the JSON of terraform show; - is standard input")
    init.add_argument("--workspace", metavar="NAME", help="workspace that the plan belongs to (default: its folder)")
    init.add_argument("--out", type=Path, metavar="F", help="the file; default: usage.toml of the settings")
    init.add_argument("--force", action="store_true", help="add what is missing to a file that exists")


def run(args: argparse.Namespace) -> int:
    """Begin the file, or add what is missing in it."""
    from infragod.cli.estimate import in_workspace, measured
    from infragod.errors import InputError
    from infragod.price import in_use, usage, usage_init
    from infragod.terraform import mask, plan

    given = in_workspace(settings.load(args.config), args)
    path: Path = args.out or given.beside(given.usage)
    if path.exists() and not args.force:
        raise InputError(f"{path} exists; --force adds what is missing in it and keeps every line that it has")
    known = usage.read(path) if path.exists() else usage.Usage()
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    change = plan.read(None if args.plan == "-" else Path(args.plan), mask.key(given))
    today = datetime.now(UTC).date()
    past = replace(known, measured=measured(given, change, today))
    wanted = usage_init.sections(change, in_use.prices(given.home, today, given.workspace), past)
    begun = usage_init.begin(wanted, present, known, {c.address: c.type for c in change.changes})
    if begun.added:
        _write(path, begun.text)
    print("\n".join(_said(begun, path)))
    return 0


def _write(path: Path, text: str) -> None:
    from infragod.errors import StoreError

    half = path.with_name(f".{path.name}.half")
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; give another file by --out") from None
    finally:
        half.unlink(missing_ok=True)


def _said(begun: Begun, path: Path) -> Iterator[str]:
    there = f", {begun.there} there already" if begun.there else ""
    count = len(begun.added)
    if not count:
        yield f"{path}: nothing is missing{there}; nothing was written"
        return
    yield f"{path}: {count} key{'' if count == 1 else 's'} to fill in{there}"
    width = max(len(key) for key, _ in begun.added)
    for key, section in begun.added:
        more = f" ({len(section.addresses)} resources)" if len(section.addresses) > 1 else ""
        yield f"  {key:<{width}}  {section.name}{more}"

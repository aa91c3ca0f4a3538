"""`infragod check PLAN`: decide here, or ask the server; print the decision; exit by its verdict."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from infragod import settings as settings_module
from infragod.cli.actor import actor
from infragod.errors import InputError
from infragod.settings import Settings

EXIT: Final = {"allow": 0, "warn": 0, "deny": 1, "needs_approval": 3}
FORMATS: Final = ("text", "json", "markdown", "junit")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `check`."""
    parser.add_argument("plan", metavar="PLAN", help="plan as JSON or as Terraform wrote it; - reads standard input")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how the decision is printed (default: text)")
    parser.add_argument("--usage", type=Path, metavar="FILE", help="expected usage (default: usage.toml)")
    parser.add_argument("--workspace", metavar="NAME", help="workspace that the plan belongs to (default: its folder)")
    parser.add_argument("--change-request", metavar="ID", default="", help="pull request that the plan belongs to")
    parser.add_argument("--requester", metavar="NAME", help="for whom a pipeline asks; they may not approve the plan")
    parser.add_argument("--no-record", action="store_true", help="do not keep this decision")
    parser.epilog = (
        "Exit: 0 allowed (with warnings too), 1 denied, 3 approval needed, 2 the input or the set-up is wrong."
    )


def run(args: argparse.Namespace) -> int:
    """Check the plan that `args` name."""
    settings = settings_module.load(args.config)
    settings = replace(settings, requester=args.requester or settings.requester)
    source = None if args.plan == "-" else Path(args.plan)
    workspace = args.workspace or settings.workspace or folder_name(source)
    document = _decide(args, settings, source, workspace)
    sys.stdout.write(rendered(document, args.format, colour=_colour(args.format)))
    sys.stdout.flush()
    return EXIT[document["verdict"]]


def rendered(document: Mapping[str, Any], how: str, *, colour: bool = False) -> str:
    """The decision's document in one of ``FORMATS``."""
    if how == "json":
        import msgspec  # the standard library writes indented JSON in Python: half a second for 10,000 changes

        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
    if how == "markdown":
        from infragod.policy.render.markdown import markdown

        return markdown(document)
    if how == "junit":
        from infragod.policy.render.junit import junit

        return junit(document)
    from infragod.policy.render.text import text

    return text(document, colour=colour)


def _decide(args: argparse.Namespace, settings: Settings, source: Path | None, workspace: str) -> Mapping[str, Any]:
    if settings.url:
        if args.usage:
            raise InputError(
                "--usage counts only where the decision is made; publish usage.toml with the server's bundle"
            )
        from infragod.cli.remote import check as ask

        return ask(settings, source, workspace, record=not args.no_record, change_request=args.change_request)
    from infragod import gate
    from infragod.policy.decision import document
    from infragod.terraform import plan

    gc.disable()  # a short life that only builds up: walking its millions of objects frees nothing
    data, where = plan.load(source)
    with gate.House.open(settings) as house:
        request = gate.CheckRequest(
            document=data,
            where=where,
            workspace=workspace,
            actor=actor(),
            today=datetime.now(UTC).date(),
            usage=args.usage,
            record=not args.no_record,
            requester=settings.requester,
            change_request=args.change_request,
        )
        return document(gate.check(request, house))


def folder_name(source: Path | None) -> str:
    """The name of the folder that a plan is in: its workspace, where nothing else says it."""
    return (source.resolve().parent if source else Path.cwd()).name


def _colour(how: str) -> bool:
    return how == "text" and sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

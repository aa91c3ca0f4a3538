"""`infragod terraform …` and `infragod tofu …`: the real program, with the gate in front of plan and apply."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from infragod import settings as settings_module
from infragod.errors import InfragodError

_USAGE: Final = "infragod {0} [--wait=DURATION] [--workspace=NAME] [--change-request=ID] COMMAND [{0}'s own options …]"
_EPILOG: Final = (
    "Exit: the program's own code; 1 where the plan is denied, 3 where it needs approval, 2 where the input or the "
    "set-up is wrong (1 with -detailed-exitcode, for which 2 says that there are changes)."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `terraform` and `tofu`; what is not ours goes to the program as it is."""
    name = parser.prog.rpartition(" ")[2]
    parser.usage = _USAGE.format(name)
    parser.epilog = _EPILOG
    options = parser.add_argument_group("options of plan and apply")
    options.add_argument("--wait", metavar="DURATION", help="wait so long for an approval: 90s, 30m, 1h30m")
    options.add_argument("--workspace", metavar="NAME", help="workspace that the plan belongs to (default: its folder)")
    options.add_argument("--change-request", metavar="ID", help="pull request that the plan belongs to")
    parser.add_argument(
        "words",
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help=f"plan, apply and destroy are checked first; every other command of {name} runs as it is",
    )
    parser.prefix_chars = "\0"  # from here on no word is an option of ours: `arguments` takes them apart


def run(args: argparse.Namespace) -> int:
    """Run what was asked."""
    from infragod.cli.terraform import arguments, flow, process

    if args.words[:1] in (["--help"], []):
        return _help(args.command)
    call = arguments.parse(args.words)
    if call.command not in arguments.GATED or call.asks_for_help():
        process.replace([process.program(args.command), *args.words])
    try:
        return flow.run(flow.Session.open(settings_module.load(args.config), args.command, call))
    except InfragodError as error:
        if not call.is_on("detailed-exitcode"):
            raise
        print(f"infragod: {error}", file=sys.stderr)
        return 1


def _help(command: str) -> int:
    parser = argparse.ArgumentParser(f"infragod {command}")
    configure(parser)
    parser.print_help()
    return 0

"""`infragod COMMAND …`: find the command, load the settings, run it, turn an error into one sentence."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from infragod import __version__
from infragod.cli import COMMANDS
from infragod.errors import InfragodError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code is 0 allowed, 1 denied, 3 approval needed, 2 wrong input or set-up."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = next((a for a in given if a in COMMANDS), None) if given[:1] != ["--help"] else None
    parser, module = _parser(name)
    try:
        args = parser.parse_args(given)
        if module is None:
            parser.print_help()
            return 2
        return int(module.run(args))
    except InfragodError as error:
        print(f"infragod: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _interrupted()
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # how the engine answers Ctrl+C in the middle of a query
            raise
        return _interrupted()


def _interrupted() -> int:
    print("infragod: interrupted; nothing half written", file=sys.stderr)
    return 130


def _parser(name: str | None) -> tuple[argparse.ArgumentParser, ModuleType | None]:
    """The parser; only the command that was named is imported, the others give their line of help."""
    parser = argparse.ArgumentParser(
        prog="infragod", description="A financial engineering platform: the gate, the ledger, the register."
    )
    parser.add_argument("--version", action="version", version=f"infragod {__version__}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file, read after the working folder's")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    module: ModuleType | None = None
    for command, (path, help_text) in COMMANDS.items():
        sub = commands.add_parser(command, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        if command == name:
            module = importlib.import_module(path)
            module.configure(sub)
    return parser, module


if __name__ == "__main__":
    sys.exit(main())

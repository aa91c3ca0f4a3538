"""Writes the generated pages of docs/; a test holds each equal to what the code says.

usage: python tools/docs.py
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

PAGES: Final[dict[str, str]] = {
    "reference/commands.md": "tools.docs:commands",
    "reference/settings.md": "tools.docs:settings",
    "reference/api.md": "infragod.web.reference:page",
    "reference/database.md": "infragod.db.reference:page",
    "reference/lake.md": "infragod.lake.reference:page",
    "reference/plan-tables.md": "infragod.terraform.reference:plan_tables",
    "reference/recipes.md": "infragod.price.recipes.reference:page",
    "reference/rules.md": "tools.rules_page:page",
}


def render(page: str) -> str:
    """The text of `page`, made by the function that ``PAGES`` names."""
    module, _, name = PAGES[page].partition(":")
    make: Callable[[], str] = getattr(importlib.import_module(module), name)
    return make()


def settings() -> str:
    """Every setting with its environment variable, default and help."""
    from infragod.settings import documented

    rows = "\n".join(
        f"| `{name}` | `{variable}` | {_default(default)} | {text} |" for name, variable, default, text in documented()
    )
    return f"""# Settings

Settings come from `infragod.toml` in the working folder or the nearest folder above it, then the file given by
`--config`, then the environment; later ones win, within what the [bundle](../guides/write-a-rule.md) allows. Tables
named `[rules.<id>]` set the levels and parameters of [rules](rules.md).

| setting | environment variable | default | what it is |
|---|---|---|---|
{rows}
"""


def _default(text: str) -> str:
    return f"`{text}`" if text else "empty"


def commands() -> str:
    """Every command with its options, as `--help` prints them."""
    from infragod.cli import COMMANDS

    os.environ["COLUMNS"] = "100"
    parts = ["# Commands\n"]
    for command, (module, text) in COMMANDS.items():
        parser = argparse.ArgumentParser(f"infragod {command}", description=f"{text[0].upper()}{text[1:]}.")
        importlib.import_module(module).configure(parser)
        parts += [f"## infragod {command}\n", *_helps(parser)]
    return "\n".join(parts)


def _helps(parser: argparse.ArgumentParser) -> list[str]:
    shown = [f"```text\n{parser.format_help().rstrip()}\n```\n"]
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to its subcommands
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for sub in action.choices.values():
                shown += _helps(sub)
    return shown


def main() -> int:
    """Write every page that is not as it should be, and name it."""
    sys.path.insert(0, str(ROOT))
    for page in PAGES:
        path, text = ROOT / "docs" / page, render(page)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"written: docs/{page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

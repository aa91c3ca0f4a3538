"""Everything a user can call or set has documentation, and generated pages are as the code says."""

from __future__ import annotations

import argparse
import importlib
import re
from pathlib import Path

import pytest
from tools.docs import PAGES, render

from infragod import __version__
from infragod.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES_OF_PEOPLE = [ROOT / "README.md", ROOT / "CHANGES.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES)
def test_generated_page_is_current(page: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == render(page), "run `make docs`"


@pytest.mark.parametrize("path", PAGES_OF_PEOPLE, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target, _ in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists_and_its_options_have_help(command: str) -> None:
    module = importlib.import_module(COMMANDS[command][0])
    parser = argparse.ArgumentParser(command)
    module.configure(parser)
    assert not [a.dest for a in _actions(parser) if not a.help]
    assert callable(module.run)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    found: list[argparse.Action] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                found += _actions(sub)
        else:
            found.append(action)
    return found


def test_every_page_is_reachable_from_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / t).resolve() for t, _ in LINK.findall(index)}
    pages = {p.resolve() for p in (ROOT / "docs").rglob("*.md") if p.name != "README.md"}
    decisions = {p for p in pages if p.parent.name == "decisions"}
    assert pages - decisions - linked == set()


def test_changes_tell_of_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGES.md").read_text(encoding="utf-8")

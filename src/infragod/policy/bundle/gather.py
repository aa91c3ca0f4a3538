"""Make a bundle of a working folder: read it, prove it, know the commit it comes from."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infragod.approval import authority_file
from infragod.errors import InputError, SetupError
from infragod.org.ownership import Ownership
from infragod.policy import cases, packs, rules
from infragod.policy.bundle import DOCUMENTS, Content
from infragod.settings import Settings

TESTS: Final = "tests"
"""Folder of the rules' tests, inside the folder of the rules."""
_CHECKS: Final[dict[str, Callable[[str, str], object]]] = {
    "ownership.toml": Ownership.parse,
    "approvals.toml": authority_file.parse,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a bundle comes from; empty where that is no git repository."""

    commit: str = ""
    branch: str = ""
    dirty: bool = False


def content(settings: Settings) -> Content:
    """What a bundle of this folder holds; ``SetupError`` or ``InputError`` names the first thing that is wrong."""
    files = {Path(name).name: text for name, text in rules.company_files(settings).items()}
    documents = {name: text for name in DOCUMENTS if (text := _document(settings, name)) is not None}
    found = Content(_settings(settings), files, rules.built_in(), documents)
    prove(settings)
    return found


def _settings(settings: Settings) -> Mapping[str, Any]:
    """The tables `[rules.<id>]`, with what the packs say written out: a bundle says of each rule what is in force."""
    found: Mapping[str, Any] = packs.expanded(rules.load(settings).all, settings.tables, str(settings.folder))
    return found


def prove(settings: Settings) -> list[cases.Outcome]:
    """Lint every rule, check every setting and run every test; ``InputError`` names the first fault."""
    outcomes = test(settings)
    for outcome in outcomes:
        if outcome.faults:
            raise InputError(f"{outcome.case.where} fails: {outcome.faults[0]}; see infragod rules test")
    return outcomes


def test(settings: Settings) -> list[cases.Outcome]:
    """Run the tests of the folder's rules, with the defaults of each rule and the settings of each case."""
    rules.load(settings)
    company = rules.company_files(settings)
    known = [rules.read(text, f"rule file {name}", settings.home) for name, text in company.items()]
    known += [rules.read(text, f"built-in rule {name}", settings.home) for name, text in rules.built_in().items()]
    by_id = {rule.id: rule for rule in known}
    outcomes = []
    for path in sorted((settings.beside(settings.rules_folder) / TESTS).glob("*.toml")):
        if path.stem not in by_id:
            raise InputError(
                f"{path} tests no rule: there is none with the id {path.stem!r}{rules.near(path.stem, by_id)}"
            )
        outcomes += [cases.judge(by_id[path.stem], case) for case in cases.read(path)]
    return outcomes


def untested(settings: Settings) -> list[str]:
    """Ids of the company's rules without a test."""
    folder = settings.beside(settings.rules_folder) / TESTS
    own = [rules.read(text, name, settings.home).id for name, text in rules.company_files(settings).items()]
    return [id_ for id_ in own if not (folder / f"{id_}.toml").is_file()]


def origin(folder: Path) -> Origin:
    """The commit and the branch of `folder`, and whether its files differ from the commit's."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return Origin()
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    return Origin(commit, "" if branch == "HEAD" else branch, bool(_git(folder, "status", "--porcelain", "--", ".")))


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _document(settings: Settings, name: str) -> str | None:
    path = settings.beside(settings.ownership if name == "ownership.toml" else Path(name))
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"cannot read {path}: {error}; check its rights and encoding") from None
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{path} is not valid TOML: {error}; correct that line") from None
    if name in _CHECKS:
        _CHECKS[name](text, str(path))
    return text

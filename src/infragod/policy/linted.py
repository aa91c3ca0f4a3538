"""Lint results, kept by the hash of the file: built-in ones ship with the package, a company's are kept in the home.

So a check never parses SQL by syntax tree; only a file that changed is linted, once.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infragod.errors import SetupError
from infragod.policy import header
from infragod.policy.contract import MAY_BE_UNKNOWN, REQUIRED, SCALARS, TABLES
from infragod.policy.header import Header, split

if TYPE_CHECKING:
    from infragod.lake.lint import Report
    from infragod.lake.unknowns import Problem

BUILT_IN: Final = Path(__file__).parents[1] / "sql" / "rules"
VERSION: Final = 2
"""Raised when the lint or the plan tables change, so that kept results are made anew."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the runner needs to know of a linted file."""

    tables: tuple[str, ...]
    scalars: tuple[str, ...]
    columns: tuple[str, ...]


def digest(text: str) -> str:
    """The hash that a file's result is kept by."""
    return sha256(f"{VERSION}\n{text}".encode()).hexdigest()


def facts(text: str, head: Header, where: str, home: Path) -> Facts:
    """The facts of a rule file that passes the lint; ``SetupError`` names its first problem and the line."""
    key = digest(text)
    kept = _shipped().get(key) or _kept(home, key)
    if kept is not None:
        return Facts(tuple(kept["tables"]), tuple(kept["scalars"]), tuple(kept["columns"]))
    report = report_of(text, head)
    if report.problems:
        first, more = report.problems[0], len(report.problems) - 1
        rest = f" (and {more} more: infragod rules test)" if more else ""
        raise SetupError(f"{where}, line {first.line}: the rule {first.message}{rest}")
    found = Facts(report.tables, report.scalars, report.columns)
    _keep(home, key, found)
    return found


def problems(text: str, where: str) -> tuple[Problem, ...]:
    """Every problem that the lint finds in a rule file."""
    return report_of(text, header.parse(text, where)).problems


def report_of(text: str, head: Header) -> Report:
    """The full report of the lint on a rule file."""
    from infragod.lake.lint import Scheme, lint
    from infragod.lake.scratch import MACROS

    own = {f"p_{p.name}": p.table for p in head.parameters if p.table is not None}
    scheme = Scheme(
        tables={**TABLES, **own},
        unknown=MAY_BE_UNKNOWN,
        scalars={*SCALARS, *(p.name for p in head.parameters if p.table is None)},
        required=REQUIRED,
        template=head.mend,
        macros=MACROS,
    )
    return lint(split(text)[1], scheme)


@cache
def _shipped() -> dict[str, Any]:
    return dict(json.loads((BUILT_IN / "linted.json").read_text(encoding="utf-8")))


def _kept(home: Path, key: str) -> dict[str, Any] | None:
    try:
        kept = json.loads((home / "cache" / "lint" / f"{key}.json").read_text(encoding="utf-8"))
        return kept if set(kept) == set(Facts.__slots__) else None
    except (OSError, ValueError):
        return None


def _keep(home: Path, key: str, found: Facts) -> None:
    """Keep a result; a home that can't be written only costs the lint again."""
    folder = home / "cache" / "lint"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump({slot: getattr(found, slot) for slot in Facts.__slots__}, out)
        os.replace(name, folder / f"{key}.json")  # noqa: PTH105
    except OSError:
        return

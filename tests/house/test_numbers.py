"""House numbers: a function is at most 40 lines, a file at most 500 (complexity is ruff's C901).

Decorators are not counted: the table of a parametrised test is data.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTION, FILE = 40, 500
FOLDERS = ("src", "tests", "benchmarks", "tools", "docs")


def _files() -> list[Path]:
    return sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py") if "node_modules" not in p.parts)


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_there_are_files_to_measure() -> None:
    assert len(_files()) > 50


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_file_keeps_the_house_numbers(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE, f"{lines} lines; split it by meaning"
    long = [f"{name}: {n} lines" for name, n in _functions(path) if n > FUNCTION]
    assert not long

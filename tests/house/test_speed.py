"""No heavy import at start, and a check in proportion: ratios to a floor of the same run, never clocks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import check as check_benchmark
from process import compiled, infragod, measure, python

HELP = 8  # times a Python that does nothing
CHECK = 40  # times parsing the same plan's JSON in a process of its own
MORE = 6  # times the check of 100 changes, for 100 times as many


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compiled()


def test_help_starts_at_once(tmp_path: Path) -> None:
    floor = measure(python("-c", "pass"), tmp_path, times=7)
    found = measure(infragod("--help"), tmp_path, times=7)
    assert found.code == 0
    assert found.seconds <= HELP * floor.seconds


@pytest.mark.parametrize("command", [("--help",), ("check", "--help")])
def test_help_imports_nothing_heavy(tmp_path: Path, command: tuple[str, ...]) -> None:
    heavy = ("alembic", "arro3", "deltalake", "duckdb", "fastapi", "httpx", "jinja2", "sqlalchemy", "sqlglot", "tqdm")
    assert _imported(tmp_path, command, heavy) == "0 "


def test_check_imports_neither_migrations_nor_the_sql_parser(tmp_path: Path) -> None:
    plan = check_benchmark.example()
    (tmp_path / "infragod.toml").write_text(f'home = "{tmp_path / "home"}"\n', encoding="utf-8")
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    _imported(tmp_path, ("check", "plan.json", "--no-record"), ())  # makes the database
    heavy = ("alembic", "fastapi", "httpx", "jinja2", "pyarrow", "sqlglot", "tqdm")
    code, _, names = _imported(tmp_path, ("check", "plan.json", "--no-record"), heavy).partition(" ")
    assert code in "013"
    assert names == ""


@pytest.mark.slow
def test_check_grows_slower_than_the_plan() -> None:
    plan = check_benchmark.example()
    small, _ = check_benchmark.check(plan, 100, times=2)
    large, parsing = check_benchmark.check(plan, 10_000, times=2)
    assert large.seconds <= CHECK * parsing.seconds
    assert large.seconds <= MORE * small.seconds


def _imported(folder: Path, command: tuple[str, ...], heavy: tuple[str, ...]) -> str:
    """The exit code of the command, and which of the packages `heavy` it imported."""
    import os
    import subprocess

    script = (
        "import contextlib, io, sys\n"
        "from infragod.cli.main import main\n"
        "code = 0\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    try:\n"
        f"        code = main({list(command)!r})\n"
        "    except SystemExit as end:\n"
        "        code = end.code\n"
        f"print(code, *[name for name in {heavy!r} if name in sys.modules])\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("INFRAGOD_")}
    done = subprocess.run(python("-c", script), cwd=folder, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip() if done.stdout.strip().count(" ") else done.stdout.strip() + " "

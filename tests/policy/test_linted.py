"""Lint results are kept: built-in ones ship, a company's are made once, and a check imports no sqlglot."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.policy import built_in

from infragod.errors import SetupError
from infragod.policy import header, linted, rules
from infragod.settings import Settings


def test_shipped_results_are_those_of_the_files(request: pytest.FixtureRequest) -> None:
    """`pytest --update-golden` writes them anew."""
    fresh = {}
    for name, text in rules.built_in().items():
        report = linted.report_of(text, header.parse(text, name))
        assert report.problems == (), name
        fresh[linted.digest(text)] = {
            "tables": list(report.tables),
            "scalars": list(report.scalars),
            "columns": list(report.columns),
        }
    path = linted.BUILT_IN / "linted.json"
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(fresh, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == fresh


def test_a_known_file_needs_no_sqlglot(folder: Callable[..., Settings], rule_text: str) -> None:
    settings = folder("", no_deletes=rule_text)
    rules.load(settings)
    code = (
        "import sys; from infragod import settings; from infragod.policy import rules;"
        f"assert len(rules.load(settings.load())) == {built_in.ON + 1}; assert 'sqlglot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_changed_file_is_linted_again(folder: Callable[..., Settings], rule_text: str) -> None:
    rules.load(folder("", no_deletes=rule_text))
    broken = rule_text.replace("r.action = 'delete'", "r.action GLOB 'd*'")
    with pytest.raises(SetupError, match=r"no-deletes\.sql, line 13: the rule uses GLOB, which is not in the subset"):
        rules.load(folder("", no_deletes=broken))


def test_a_damaged_result_is_made_anew(folder: Callable[..., Settings], rule_text: str) -> None:
    settings = folder("", no_deletes=rule_text)
    rules.load(settings)
    (kept,) = (settings.home / "cache" / "lint").iterdir()
    kept.write_text("{}")
    assert len(rules.load(settings)) == built_in.ON + 1
    assert json.loads(kept.read_text())["tables"] == ["p_types", "resource"]


def test_a_home_that_cannot_be_written_costs_only_time(tmp_path: Path, rule_text: str) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert rules.read(rule_text, "x", blocked).id == "no-deletes"

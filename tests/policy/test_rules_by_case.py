"""Each built-in rule against the cases of its name, in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest

from infragod.policy import cases, rules

FOLDER = Path(__file__).parent / "rules"
ALL = [case for path in sorted(FOLDER.glob("*.toml")) for case in cases.read(path)]


@pytest.mark.parametrize("case", ALL, ids=lambda c: f"{Path(c.where.partition(',')[0]).stem}: {c.name}")
def test_case(case: cases.Case, tmp_path: Path) -> None:
    name = Path(case.where.partition(",")[0]).stem
    rule = rules.read(rules.built_in()[f"{name}.sql"], name, tmp_path)
    assert cases.judge(rule, case).faults == ()


def test_every_rule_has_cases_of_violation_and_of_passing() -> None:
    assert {f"{path.stem}.sql" for path in FOLDER.glob("*.toml")} == set(rules.built_in())
    for path in FOLDER.glob("*.toml"):
        expected = [bool(case.expect) for case in cases.read(path)]
        assert True in expected
        assert any(row.get("result") == "violation" for case in cases.read(path) for row in case.expect)

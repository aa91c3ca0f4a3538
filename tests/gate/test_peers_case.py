"""The resources that other programs are compared on (benchmarks/peers.py): what is said of each, no clock involved."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from infragod.cli.main import main

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import peers  # noqa: E402
import peers_case  # noqa: E402


@pytest.fixture(autouse=True)
def folder(home: Path) -> None:
    shutil.copytree(BENCHMARKS / "peers_rules" / "infragod", Path.cwd(), dirs_exist_ok=True)


@pytest.mark.parametrize("case", peers_case.CASES, ids=lambda case: case.name)
def test_each_case_is_told_as_it_is(case: peers_case.Case, capsys: pytest.CaptureFixture[str]) -> None:
    Path("plan.json").write_bytes(peers_case.plan([case]))
    code = main(["check", "plan.json", "--format", "json", "--no-record"])
    assert peers.ours(capsys.readouterr().out) == case.truth
    assert code == (1 if "wrong" in case.truth.values() else 0)


def test_all_cases_in_one_plan_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    Path("plan.json").write_bytes(peers_case.plan(peers_case.CASES))
    main(["check", "plan.json", "--format", "json", "--no-record"])
    told = peers.ours_by_address(capsys.readouterr().out)
    assert told == {case.address: dict(case.truth) for case in peers_case.CASES if case.truth}


def test_what_is_grown_has_as_many_faults_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    cases = peers_case.grown(60)
    Path("plan.json").write_bytes(peers_case.plan(cases))
    main(["check", "plan.json", "--format", "json", "--no-record"])
    told = peers.ours_by_address(capsys.readouterr().out)
    assert told == {case.address: dict(case.truth) for case in cases if case.truth}
    assert len(told) == 30


def test_the_configuration_says_the_same_resources() -> None:
    files = peers_case.hcl(peers_case.CASES)
    for case in peers_case.CASES:
        written = any(f'resource "{case.kind}" "{case.name}"' in text for text in files.values())
        assert written == (case.action != "delete")
    assert set(files) == {"main.tf", "app/main.tf"}

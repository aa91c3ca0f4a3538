"""`infragod estimate`: files and standard input, text and JSON, usage and dates, and what is wrong in one sentence."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from infragod.cli.main import main

PLANS = Path(__file__).parent / "plans"
NAT = str(PLANS / "aws_nat_gateway.json")


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Run in an empty home."""


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", NAT, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["monthly_cost"] == "32.85"
    assert document["monthly_cost_before"] == "0.00"
    assert document["monthly_delta"] == "32.85"
    assert document["unknown"] == ["aws_nat_gateway.main"]
    (resource,) = document["resources"]
    assert [c["basis"] for c in resource["components"]] == ["fixed", "unknown"]
    assert resource["components"][0]["price_source"] == "list prices in published examples, 2024-07-01"


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Piped(io.TextIOWrapper):
        def isatty(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", Piped(io.BytesIO(Path(NAT).read_bytes())))
    assert main(["estimate", "-"]) == 0
    assert capsys.readouterr().out.startswith("ESTIMATE  standard input · 1 resources: 1 create\n")


def test_usage_beside_the_settings_and_by_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("usage.toml").write_text("[aws_nat_gateway]\nmonthly_data_processed_gb = 100\n")
    assert main(["estimate", NAT, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["monthly_cost"] == "37.35"
    other = tmp_path / "other.toml"
    other.write_text("[aws_nat_gateway]\nmonthly_data_processed_gb = 0\n")
    assert main(["estimate", NAT, "--format", "json", "--usage", str(other)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["monthly_cost"], document["complete"]) == ("32.85", True)


def test_the_day_counts(capsys: pytest.CaptureFixture[str]) -> None:
    costs = []
    for day in ("2025-03-22", "2025-03-23"):
        assert main(["estimate", str(PLANS / "aws_eks_cluster.json"), "--as-of", day, "--format", "json"]) == 0
        resources = json.loads(capsys.readouterr().out)["resources"]
        costs.append({r["address"]: r["monthly_cost"] for r in resources}["aws_eks_cluster.old"])
    assert costs == ["73.00", "438.00"]


def test_a_wrong_day(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["estimate", NAT, "--as-of", "tomorrow"])
    assert ended.value.code == 2
    assert "'tomorrow' is no day; write it as 2026-11-30" in capsys.readouterr().err


def test_a_wrong_usage_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("usage.toml").write_text("[aws_nat_gateway]\nmonthly_gb = 100\n")
    assert main(["estimate", NAT]) == 2
    error = capsys.readouterr().err
    assert "'monthly_gb' is no usage key" in error
    assert "Traceback" not in error


def test_equal_instances_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(Path(NAT).read_text())
    (change,) = document["resource_changes"]
    document["resource_changes"] = [{**change, "address": f"aws_nat_gateway.main[{i}]", "index": i} for i in range(12)]
    path = tmp_path / "many.json"
    path.write_text(json.dumps(document))
    assert main(["estimate", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "aws_nat_gateway.main[0] and 11 more" in printed
    assert "$32.85 + ? each" in printed
    assert "$0.00 → $394.20 a month" in printed

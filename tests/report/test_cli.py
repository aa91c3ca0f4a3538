from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.report.conftest import ROWS, load

from infragod.cli.main import main
from infragod.errors import StoreError
from infragod.lake.engine import Engine
from infragod.report import definition, render, run


@pytest.fixture
def loaded(home: Path, bill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "focus", str(bill), "--source", "example"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("showback", ["--month", "2026-10", "--by", "x_team,x_service"]),
        (
            "showback_billed",
            ["--from", "2026-09", "--to", "2026-10", "--by", "x_team", "ServiceName", "--basis", "billed"],
        ),
        ("spend", []),
        ("owners", ["--month", "2026-10"]),
        ("services", ["--month", "2026-10", "--team", "checkout"]),
        ("resources", ["--month", "2026-10", "--team", "checkout", "--service", "cart", "--limit", "1"]),
        ("charges", ["--month", "2026-10", "--resource", "i-1"]),
    ],
)
def test_tables(
    loaded: None,
    capsys: pytest.CaptureFixture[str],
    golden: Callable[[str, str], None],
    name: str,
    arguments: list[str],
) -> None:
    assert main(["report", name.split("_", maxsplit=1)[0], *arguments]) == 0
    shown = capsys.readouterr().out
    golden(f"{name}.txt", shown)
    assert max(len(line) for line in shown.splitlines()) <= 100


def test_currencies_have_totals_of_their_own(engine: Engine, golden: Callable[[str, str], None]) -> None:
    golden("currencies.txt", render.table(definition.load("showback"), run.rows(engine, "showback")))


def test_wide_cells_give_way(engine: Engine) -> None:
    rows = [
        {"month": "2026-10", "x_team": "t" * 80, "x_service": "s" * 90, "currency": "USD", "cost": run_cost}
        for run_cost in [run.rows(engine, "spend")[0]["cost"]]
    ]
    table = render.table(definition.load("showback"), rows)
    assert max(len(line) for line in table.splitlines()) == 100
    assert "t…" in table
    assert "$10.00" in table
    names = {f"column_{i}": "x" * 12 for i in range(20)}
    assert render.table(definition.load("showback"), [{**names, "currency": "USD", "cost": rows[0]["cost"]}])


def test_json_is_rows_with_exact_money(loaded: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "showback", "--by", "x_team", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"month": "2026-09", "x_team": "checkout", "currency": "USD", "cost": "10.000000000001"},
        {"month": "2026-10", "x_team": "checkout", "currency": "USD", "cost": "33.75"},
        {"month": "2026-10", "x_team": "payments", "currency": "USD", "cost": "7.00"},
        {"month": "2026-10", "x_team": None, "currency": "USD", "cost": "-3.499999999996"},
    ]


def test_csv_and_parquet_hold_the_same(loaded: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["report", "showback", "--by", "x_team,ChargePeriodStart"]
    text, parquet = tmp_path / "f.csv", tmp_path / "f.parquet"
    assert main([*arguments, "--format", "csv", "--out", str(text)]) == 0
    assert main([*arguments, "--format", "parquet", "--out", str(parquet)]) == 0
    assert f"4 rows in {parquet}" in capsys.readouterr().err
    rows = list(csv.DictReader(io.StringIO(text.read_text())))
    assert rows[0] == {
        "month": "2026-09",
        "x_team": "checkout",
        "ChargePeriodStart": "2026-09-01T00:00:00Z",
        "currency": "USD",
        "cost": "10.000000000001",
    }
    with Engine.files() as engine:
        found = engine.run(f"SELECT x_team, cost::VARCHAR FROM '{parquet}'")
        kinds: dict[str, str] = dict(engine.run(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{parquet}')"))
    assert [(team or "", cost.rstrip("0")) for team, cost in found] == [
        (r["x_team"], r["cost"].rstrip("0")) for r in rows
    ]
    assert kinds["cost"] == "DECIMAL(38,12)"
    assert kinds["ChargePeriodStart"] == "TIMESTAMP WITH TIME ZONE"
    assert sorted(p.name for p in tmp_path.iterdir() if "part" in p.name) == []


def test_counts_are_numbers_in_parquet(engine: Engine, tmp_path: Path) -> None:
    rows = run.rows(engine, "owners", month="2026-10", previous="2026-09")
    render.write_parquet(definition.load("owners"), rows, tmp_path / "o.parquet")
    render.write_parquet(definition.load("owners"), [], tmp_path / "empty.parquet")
    with Engine.files() as files:
        assert files.run(f"SELECT SUM(services) FROM '{tmp_path / 'o.parquet'}'") == [(3,)]
        assert files.run(f"SELECT COUNT(*) FROM '{tmp_path / 'empty.parquet'}'") == [(0,)]


def test_a_folder_that_is_not_there_is_one_sentence(loaded: None, capsys: pytest.CaptureFixture[str]) -> None:
    for how in ("csv", "parquet"):
        assert main(["report", "spend", "--format", how, "--out", f"/nowhere/x.{how}"]) == 2
        error = capsys.readouterr().err
        assert f"cannot write /nowhere/x.{how}" in error
        assert len(error.splitlines()) == 1


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(StoreError, match="cannot write"):
        render.write_text("new", tmp_path / "x.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["showback", "--month", "2025-01"], "no charge of 2025-01; the months there are: 2026-09 to 2026-10"),
        (["showback", "--from", "2027-01"], "no charge of 2027-01; the months there are"),
        (["showback", "--month", "2026-10", "--to", "2026-10"], "give either --month or --from and --to"),
        (["showback", "--month", "10"], "'10' is no month"),
        (["showback", "--format", "parquet"], "name a file by --out F.parquet"),
        (["showback", "--team", "a"], "has no parameter 'team'"),
        (["showbak"], "did you mean showback?"),
        (["services"], "the report services needs month"),
        (["showback", "--by", "x_taem"], "did you mean x_team?"),
    ],
)
def test_wrong_use_is_one_sentence(
    loaded: None, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["report", *arguments]) == 2
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1


def test_nothing_fits(loaded: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "services", "--month", "2026-10", "--team", "nobody"]) == 0
    assert "no charge fits" in capsys.readouterr().err


def test_months_that_follow_each_other_are_folded() -> None:
    from infragod.cli.report import _spans
    from infragod.focus import Period

    months = [Period(2025, 11), Period(2025, 12), Period(2026, 1), Period(2026, 3)]
    assert _spans(months) == "2025-11 to 2026-01, 2026-03"


def test_an_empty_lake_is_said_to_be_empty(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "showback", "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "[]\n"
    assert "nothing is loaded yet; load a bill by `infragod load focus" in shown.err
    for how in ("table", "csv"):
        assert main(["report", "spend", "--format", how]) == 0
        assert capsys.readouterr().out == ""
    assert main(["report", "showback", "--month", "2026-10"]) == 2
    assert "no charge of 2026-10: nothing is loaded yet" in capsys.readouterr().err


def test_unknown_money_is_not_zero() -> None:
    with Engine.scratch() as engine:
        load(engine, (("2026-10", "a", "s", "r", "USD", "1", "1", None, "1"),))
        rows = run.rows(engine, "showback", basis="contracted")
    assert rows[0]["cost"] is None
    lines = render.table(definition.load("showback"), rows).splitlines()
    assert lines[4].endswith("-")
    assert lines[6].endswith("-")
    assert len(ROWS) == 7

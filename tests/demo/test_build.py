"""The example company is built by the real parts, end to end, small."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from infragod import pipeline
from infragod.cli.main import main
from infragod.db.connection import Database
from infragod.demo import build, history, home
from infragod.demo.build import Company
from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.lake.lake import Lake
from infragod.org import store as org_store
from infragod.policy import store
from infragod.report import coverage, run

DAY = date(2026, 11, 22)
ROWS = 20_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return build.build(tmp_path_factory.mktemp("demo") / "home", DAY, ROWS)


@pytest.fixture
def cost(built: Company) -> Iterator[Engine]:
    with Lake(built.home / "lake").engine() as engine:
        yield engine


def test_what_was_delivered_is_what_is_loaded(built: Company, cost: Engine) -> None:
    with Engine.files() as files:
        delivered = files.run(f"""
            SELECT COUNT(*), SUM(CAST(BilledCost AS DECIMAL(38, 12))), SUM(CAST(EffectiveCost AS DECIMAL(38, 12)))
            FROM (
                SELECT BilledCost, EffectiveCost
                FROM read_csv('{built.home}/bills/aws/*/data/*/*.csv.gz', all_varchar = true)
                UNION ALL SELECT CAST(BilledCost AS VARCHAR), CAST(EffectiveCost AS VARCHAR)
                FROM '{built.home}/bills/gcp/*.parquet')
        """)
    assert cost.run("SELECT COUNT(*), SUM(BilledCost), SUM(EffectiveCost) FROM cost") == delivered
    assert (built.rows, built.totals["billed"], built.totals["effective"]) == delivered[0]


def test_owners_are_found_and_not_all_of_them(cost: Engine) -> None:
    ways: dict[str, int] = dict(cost.run("SELECT coalesce(x_owner_by, 'nobody'), COUNT(*) FROM cost GROUP BY ALL"))
    assert set(ways) == {"tag", "account", "terraform", "nobody"}
    assert cost.run("SELECT COUNT(*) FROM cost WHERE CommitmentDiscountStatus = 'Unused' AND x_team IS NULL") == [(0,)]


def test_states_know_most_of_the_money(cost: Engine) -> None:
    known, repositories = cost.run("""
        SELECT SUM(EffectiveCost) FILTER (x_terraform_workspace IS NOT NULL) / SUM(EffectiveCost),
            COUNT(DISTINCT x_terraform_repository)
        FROM cost WHERE ResourceId IS NOT NULL
    """)[0]
    assert 0.7 < known < 0.97
    assert repositories == 8


def test_renamed_resources_have_both_addresses_in_time(cost: Engine) -> None:
    renamed = cost.run("""
        SELECT ResourceId FROM (
            SELECT ResourceId, ChargePeriodStart AS day,
                x_terraform_module = 'module.' || split_part(x_terraform_workspace, '-', 1) AS is_old
            FROM cost WHERE x_terraform_module IS NOT NULL)
        GROUP BY ResourceId HAVING max(day) FILTER (WHERE is_old) < min(day) FILTER (WHERE NOT is_old)
    """)
    assert renamed


def test_organisation_and_budgets_stand(built: Company) -> None:
    from infragod.budget import store as budget_store

    with Database.open(build.settings_of(built.home)) as database, database.read() as connection:
        assert len(org_store.teams(connection)) == 40
        assert len(org_store.services(connection)) == 300
        now = budget_store.budgets(connection, Period.of(DAY))
        months = budget_store.months(connection)
    assert len(now) == 40
    assert all(b.amount > Decimal(0) for b in now)
    assert (str(months[0]), str(months[-1])) == ("2025-11", "2027-01")


def test_the_past_is_recorded_at_its_time(built: Company) -> None:
    with Database.open(build.settings_of(built.home)) as database, database.read() as connection:
        past = store.recent(connection, limit=500)
    assert len(past) >= 56
    assert {line.verdict for line in past} >= {"allow", "deny"}
    assert {line.created_at.date() for line in past} >= {DAY - timedelta(days=back) for back in history.DAYS}


def test_estimates_of_applied_plans_stand_beside_the_bills(built: Company) -> None:
    from infragod.finance.accuracy import Outcome, State
    from infragod.finance.accuracy import store as followups

    with Database.open(build.settings_of(built.home)) as database, database.read() as connection:
        found = followups.listed(connection, state=State.COMPLETE, requested=True)
        resources = [r for line in found for r in followups.resources(connection, line.number)]
    assert len(found) >= 3
    assert sum(r["outcome"] == Outcome.COMPARED for r in resources) >= len(resources) / 2
    assert all(line.figures.error == line.figures.rate + line.figures.quantity + line.figures.unknown for line in found)


def test_new_spend_passed_the_gate_or_went_round_it(built: Company) -> None:
    settings = build.settings_of(built.home)
    lines: set[str] = set()
    with Database.open(settings) as database, Lake(settings.lake).engine() as engine:
        for back in range(1, 4):
            month = Period.of(DAY).plus(-back)
            pipeline.gate(engine, database, coverage.asked(month, "effective", settings.creator_tags))
            rows = run.rows(engine, "coverage", month=month)
            (spend,) = run.rows(engine, "spend", first=month, last=month)
            assert sum(row["cost"] for row in rows) == spend["cost"]
            lines |= {row["line"] for row in rows}
    assert lines >= {"new, in no state", "known, growth"}


def test_the_command_shows_each_verdict(built: Company, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--home", str(built.home), "--no-serve"]) == 0
    out = capsys.readouterr().out
    assert "is in" in out
    assert [line for line in out.splitlines() if line.startswith("$ infragod")] == [
        f"$ infragod check {w}/plan.json" for w in ("shop-staging", "payments-prod", "shop-prod")
    ]
    assert [out.splitlines()[n + 1] for n, line in enumerate(out.splitlines()) if line == "$ echo $?"] == [
        "0",
        "3",
        "1",
    ]


def test_the_rules_of_the_workspace_are_the_bundle(built: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    monkeypatch.setenv("INFRAGOD_HOME", str(built.home))
    assert main(["check", "shop-prod/plan.json", "--no-record"]) == 1


def test_a_build_that_was_cut_off_is_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "home"
    home.begin(root, DAY, 2_000)
    (root / "workspace").mkdir()
    (root / "workspace" / "infragod.toml").write_text("half a fil")
    code = main(["demo", "--home", str(root), "--no-serve", "--today", "2026-11-22", "--rows", "2000"])
    assert code == 0
    assert "40 teams, 300 services" in capsys.readouterr().out
    assert build.describe(root, DAY).rows >= 2_000


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--today", "22.11.2026", "YYYY-MM-DD"), ("--rows", "many", "number of rows"), ("--rows", "10", "number of rows")],
)
def test_a_wrong_option_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, said: str
) -> None:
    assert main(["demo", "--home", str(folder), "--no-serve", option, value]) == 2
    assert said in capsys.readouterr().err
    assert not folder.exists()


def test_a_real_home_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir()
    (folder / "infragod.db").write_text("real")
    assert main(["demo", "--home", str(folder), "--no-serve"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (folder / "infragod.db").read_text() == "real"


def test_an_interrupted_build_is_one_sentence_and_known_as_begun(
    folder: Path,
) -> None:
    import signal
    import subprocess
    import sys
    import time

    command = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command += "; from infragod.cli.main import main; sys.exit(main())"
    arguments = ["demo", "--home", str(folder), "--no-serve", "--rows", "400000"]
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    for _ in range(200):
        if (folder / "bills").is_dir():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "infragod: interrupted; nothing half written\n"
    made = home.read(folder)
    assert made is not None
    assert not made.complete

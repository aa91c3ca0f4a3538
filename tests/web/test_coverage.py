"""The pages on what passed the gate, and on what the gate cost: figures, escaping, months, empty states."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from infragod.db.connection import Database
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import load
from infragod.policy import store as record_store
from infragod.policy.proposals import store as proposals
from infragod.progress import SILENT
from infragod.settings import Settings
from infragod.web.app import create
from infragod.web.friction import FrictionMonths
from tests.lake.conftest import ROW, month
from tests.policy.friction.test_store import october
from tests.web.conftest import LOCAL, MONTH, SCRIPT, settings_of
from tests.web.test_pages import text

NEW = 120


def bill(path: Path) -> Path:
    """A resource that was known, many that are new and round the gate, one of them named to hurt."""
    rows = []
    for when, resources in (("2025-09", ["i-old"]), ("2025-10", ["i-old", SCRIPT, *(f"i-{n}" for n in range(NEW))])):
        rows += [
            {
                **ROW,
                **month(when),
                **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), "2.50"),
                "ResourceId": resource,
                "Tags": f'{{"team": "checkout", "createdBy": "{"console" if n % 2 else SCRIPT}"}}',
            }
            for n, resource in enumerate(resources)
        ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("coverage")
    settings = settings_of(folder)
    load(Lake(settings.lake), [bill(folder / "bill.csv")], "example", Ownership.read(folder / "none"), SILENT)
    with Database.open(settings) as database, database.begin() as connection:
        october(connection)
        at = datetime(2026, 10, 30, tzinfo=UTC)
        since = (at - timedelta(days=90)).date()
        new = {"rule": "cost-of-change", "level": "approval", "proposed": "advisory", "owner": SCRIPT}
        proposals.add(
            connection, new | {"since": since, "until": at.date(), "judged": 20, "overturned": 15}, "infragod", at
        )
    return settings


@pytest.fixture
def server(home: Settings) -> TestClient:
    return TestClient(create(home), base_url=LOCAL, client=("127.0.0.1", 50000), follow_redirects=False)


def test_the_rest_of_a_month_by_owner_creator_and_one_by_one(server: TestClient) -> None:
    with server:
        said = text(server, "/coverage?month=2025-10")
        second = text(server, "/coverage?month=2025-10&page=3")
        assert text(server, "/coverage?month=2025-10&page=9").count("There are no more.") == 1
    assert "Passed the gate, October 2025 0 % $0.00 of $302.50 new spend" in said
    assert "New In no Terraform state 121 $302.50" in said
    assert "Known, as in the month before 1 $2.50" in said
    assert "The rest by owner" in said
    assert "console 61 $152.50 50.4 %" in said
    assert f"{SCRIPT} 60 $150.00" in said
    assert "Next →" in said
    assert "the dearest first, page 3" in second
    assert "Next →" not in second


def test_the_oldest_month_cannot_be_told(server: TestClient) -> None:
    with server:
        said = text(server, "/coverage?month=2025-09")
    assert "Passed the gate, September 2025 \N{EN DASH} nothing new was charged" in said
    assert "Not told 1 $2.50" in said
    assert "Nothing new was charged in September 2025." in said


def test_without_bills_and_decisions_the_pages_say_how_to_begin(empty: TestClient) -> None:
    with empty:
        assert "No bill is loaded yet" in text(empty, "/coverage")
        said = text(empty, "/friction")
    assert "No plan has been checked yet" in said
    assert "No rule is overturned too often." in said


def test_friction_of_a_month(server: TestClient) -> None:
    with server:
        said = text(server, "/friction?month=2026-10")
        other = text(server, "/friction?month=2026-08")
        assert "has not begun" in text(server, "/friction?month=2999-01", 422)
    assert "Waited for an approval, median 10 min p90 7.0 days, 2 answered or ended" in said
    assert "Changes stopped 5" in said
    assert "$461.75" in said
    assert "mandatory-tags mandatory 4 2 (50 %) 1 waiver, 1 broken glass" in said
    assert f"P1 cost-of-change approval → advisory 15 of 20 {SCRIPT}" in said
    assert "No rule found anything in August 2026." in other
    assert "No change was stopped in August 2026." in other


@pytest.mark.parametrize("address", ["/coverage", "/friction"])
def test_they_are_linked_and_well_formed(server: TestClient, address: str) -> None:
    with server:
        html = server.get(address).text
    assert f'<a href="{address}" aria-current="page">' in html
    assert html.count("<h1") == 1
    assert html.count("<table") == html.count("<caption")
    assert "<script>alert" not in html


def test_what_took_long_is_remembered_and_an_old_answer_is_not(home: Settings) -> None:
    ticks = iter([0.0, 5.0, 10.0, 20.0, 600.0, 600.0, 601.0, 602.0])
    with Database.open(home) as database:
        months = FrictionMonths(replace(home), database, lambda: next(ticks))
        first = months.of(MONTH)
        assert months.of(MONTH) is first
        assert months.of(MONTH) is first
        assert months.of(MONTH) is not first


def test_the_server_looks_for_rules_that_are_overturned_too_often(tmp_path: Path) -> None:
    tables = {"rules": {"cost-of-change": {"level": "approval"}}}
    settings = replace(settings_of(tmp_path), demotion_findings=1, demotion_percent=0, tables=tables)
    now = datetime.now(UTC)
    finding = {"rule": "cost-of-change", "level": "approval", "result": "waived"}
    with Database.open(settings) as database:
        with database.begin() as connection:
            content = dict.fromkeys(("workspace", "actor", "bundle", "plan_digest"), "x") | {
                "verdict": "allow",
                "currency": "USD",
                "monthly_cost": "1",
                "monthly_delta": "1",
                "local": False,
                "complete": True,
                "findings": [finding],
                "budgets": [],
            }
            record_store.record(connection, content | {"created_at": (now - timedelta(hours=1)).isoformat()})
        months = FrictionMonths(settings, database)
        months.warm(60)
        months.warm(60)
        with database.read() as connection:
            found = proposals.recent(connection)
    assert [(p.rule, p.owner) for p in found] == [("cost-of-change", "nobody")]

"""A small company with hostile names, made by the parts that real companies use, and a client of its server."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from infragod import settings as settings_module
from infragod.approval import store as tokens
from infragod.budget import store as budgets
from infragod.budget.budgets import Budget
from infragod.db.connection import Database
from infragod.focus import Period
from infragod.gate import CheckRequest, House, check
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import load
from infragod.progress import SILENT
from infragod.settings import Settings
from infragod.web.app import create
from tests.gate import plans
from tests.lake.conftest import ROW, month

SCRIPT = "<script>alert(1)</script>"
MONTH = Period(2025, 10)
LOCAL = "http://127.0.0.1"

RESOURCES = (
    # team, service, resource, cost in September, cost in October
    ("checkout", "cart", "i-cart-1", "40", "60"),
    ("checkout", "cart", "i-cart-2", "10", "15.005"),
    ("checkout", "pay & ship", "i-pay", "5", "5"),
    ("search", "index", "i-index", "90", "80"),
    (SCRIPT, SCRIPT, SCRIPT, "1", "2"),
    ("", "", "", "7", "9.99"),
)


def settings_of(folder: Path) -> Settings:
    """The settings of a home in `folder`, without this machine's."""
    return replace(settings_module.load(env={"INFRAGOD_HOME": str(folder / "home")}, cwd=folder), port=0)


def bill(path: Path) -> Path:
    """Two months of dollars, and one line in euros."""
    rows = [
        {
            **ROW,
            **month(when),
            **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost),
            "ResourceId": resource,
            "Tags": f'{{"team": "{team}", "service": "{service}"}}' if team else "{}",
        }
        for team, service, resource, *costs in RESOURCES
        for when, cost in zip(("2025-09", "2025-10"), costs, strict=True)
    ]
    rows.append(
        {
            **rows[1],
            "BillingCurrency": "EUR",
            "BillingAccountId": "euro",
            "ResourceId": "i-euro",
            "EffectiveCost": "3.50",
        }
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with bills, budgets and a decision."""
    folder = tmp_path_factory.mktemp("company")
    settings = settings_of(folder)
    load(Lake(settings.lake), [bill(folder / "bill.csv")], "example", Ownership.read(folder / "none"), SILENT)
    with Database.open(settings) as database, database.begin() as connection:
        budgets.save(
            connection,
            [Budget("checkout", MONTH, Decimal(70), "USD"), Budget("idle", MONTH, Decimal(5), "USD")],
        )
    with House.open(settings) as house:
        plan = plans.plan(plans.server(SCRIPT.replace("<", "").split(">")[0]), plans.server("web", team=SCRIPT))
        check(CheckRequest(plan, "plan.json", f"shop {SCRIPT}", "pipeline", date(2025, 10, 20)), house)
    return settings


@pytest.fixture
def client(company: Settings) -> Iterator[TestClient]:
    """A browser on the server's own machine."""
    with TestClient(create(company), base_url=LOCAL, client=("127.0.0.1", 50000), follow_redirects=False) as made:
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[TestClient]:
    """A server whose home holds nothing yet."""
    settings = settings_of(tmp_path)
    with TestClient(create(settings), base_url=LOCAL, client=("127.0.0.1", 50000), follow_redirects=False) as made:
        yield made


@pytest.fixture
def public(tmp_path: Path) -> Iterator[TestClient]:
    """A server that others reach under a name."""
    settings = replace(settings_of(tmp_path), host="::", public_url="https://cost.example.com")
    with TestClient(create(settings), base_url="https://cost.example.com", follow_redirects=False) as made:
        yield made


def token(client: TestClient, *scopes: str, name: str = "ci") -> str:
    """A token of the client's server."""
    with client.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]  # a FastAPI application
        return tokens.create(connection, name, scopes, actor="test")

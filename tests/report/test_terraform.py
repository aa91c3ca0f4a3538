"""What each workspace, module and repository cost, and what no state knows: each report is the whole bill."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from infragod.focus import COST_COLUMNS
from infragod.lake.engine import Engine
from infragod.report import run

ROWS = (
    # month, workspace, module, repository, team, resource, cost
    ("2026-10", "shop", "", "core", "checkout", "i-1", "10"),
    ("2026-10", "shop", 'module.a["x"].module.b[0]', "core", "checkout", "i-2", "4"),
    ("2026-10", "shop", 'module.a["y\\"]z"].module.b[1]', "core", "checkout", "i-3", "2.000000000001"),
    ("2026-10", "net", "module.a", "core", "network", "i-4", "3"),
    ("2026-10", "data", "", None, "data", "i-5", "5"),
    ("2026-10", None, None, None, None, "i-6", "7"),
    ("2026-10", None, None, None, None, None, "-0.5"),
    ("2026-09", "shop", "", "core", "checkout", "i-1", "100"),
)
NAMES = (
    *("x_billing_period", "x_terraform_workspace", "x_terraform_module", "x_terraform_repository"),
    *("x_team", "ResourceId", "EffectiveCost"),
)


@pytest.fixture
def engine() -> Iterator[Engine]:
    values: dict[str, list[Any]] = {name: [row[i] for row in ROWS] for i, name in enumerate(NAMES)}
    values["BillingCurrency"] = ["USD"] * len(ROWS)
    values["ServiceName"] = ["compute"] * len(ROWS)
    with Engine.scratch() as opened:
        columns = {c.name: values.get(c.name, [None] * len(ROWS)) for c in COST_COLUMNS}
        opened.load("cost", {c.name: c.sql_type for c in COST_COLUMNS}, columns)
        yield opened


def rows(engine: Engine, name: str, *shown: str) -> list[tuple[Any, ...]]:
    found = run.rows(engine, name, first="2026-10", last="2026-10")
    assert sum(row["cost"] for row in found) == Decimal("30.500000000001")
    return [(*(row[column] for column in shown), f"{row['cost'].normalize():f}") for row in found]


def test_workspaces(engine: Engine) -> None:
    assert rows(engine, "workspaces", "x_terraform_workspace", "x_terraform_repository", "resources") == [
        ("shop", "core", 3, "16.000000000001"),
        (None, None, 1, "6.5"),
        ("data", None, 1, "5"),
        ("net", "core", 1, "3"),
    ]


def test_modules_without_their_keys(engine: Engine) -> None:
    assert rows(engine, "modules", "x_terraform_workspace", "x_terraform_module", "resources") == [
        ("shop", "", 1, "10"),
        (None, None, 1, "6.5"),
        ("shop", "module.a.module.b", 2, "6.000000000001"),
        ("data", "", 1, "5"),
        ("net", "module.a", 1, "3"),
    ]


def test_repositories(engine: Engine) -> None:
    assert rows(engine, "repositories", "x_terraform_repository", "workspaces", "resources") == [
        ("core", 2, 4, "19.000000000001"),
        (None, 1, 2, "11.5"),
    ]


def test_what_no_state_knows(engine: Engine) -> None:
    found = run.rows(engine, "unmanaged", month="2026-10")
    assert [(row["ResourceId"], row["x_team"], row["cost"]) for row in found] == [
        ("i-6", None, 7),
        (None, None, Decimal("-0.5")),
    ]
    assert run.rows(engine, "unmanaged", month="2026-09") == []

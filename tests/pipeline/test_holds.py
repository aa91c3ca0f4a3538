"""From the check to the bill: a grant holds the budget, and gives way to the bill resource by resource."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.gate import plans
from tests.lake.conftest import ROW
from tests.postgres import database, postgres, where

from infragod import gate, pipeline
from infragod.budget import store as budgets
from infragod.budget.budgets import Budget
from infragod.db.connection import Database
from infragod.focus import Period
from infragod.lake.billed import Awaited, billed
from infragod.lake.lake import Lake
from infragod.org import store as org
from infragod.org.organisation import Organisation, Team
from infragod.org.ownership import Ownership
from infragod.policy.decision import BudgetLine, Decision
from infragod.policy.grants import Asked
from infragod.progress import SILENT
from infragod.settings import Settings
from infragod.terraform.backend import APPLY, Backend, Caller, LockInfo
from infragod.web.gatekeeper import Gatekeeper

__all__ = ["database", "postgres", "where"]
NOW = datetime.now(UTC)
TODAY = NOW.date()
MONTH = Period.of(TODAY)
TAGS = {"team": "checkout", "service": "cart", "environment": "prod"}
RULES = Ownership.parse('[[rule]]\ntag = "team"\ngives = "team"\n')


@pytest.fixture
def house(where: Settings, database: Database, tmp_path: Path) -> Iterator[gate.House]:
    assert database.revision()
    settings = replace(where, folder=tmp_path)
    with gate.House.open(settings) as opened:
        with opened.database.begin() as connection:
            org.replace(connection, Organisation((Team("checkout", "cc-1", "lead"),), ()))
            budgets.save(connection, [Budget("checkout", MONTH, Decimal(10_000), "USD")])
        yield opened


def check(house: gate.House) -> Decision:
    document = plans.plan(plans.server("web", **TAGS), plans.server("db", "m6i.large", **TAGS))
    return gate.check(gate.CheckRequest(document, "plan.json", "shop", "pipeline", TODAY), house)


def line(house: gate.House) -> BudgetLine:
    """The budget as a check in another workspace shows it."""
    document = plans.plan(plans.server("other", **TAGS))
    (found,) = gate.check(gate.CheckRequest(document, "plan.json", "other", "somebody", TODAY), house).budgets
    return found


def applied(house: gate.House, ids: dict[str, str]) -> None:
    """Check, grant, lock, post the state, unlock."""
    issued = gate.grant(Asked(check(house).id, "", 0, "pipeline"), house, TODAY)
    backend = Backend(house.settings, house.database, Gatekeeper(house, ""))
    caller = Caller("pipeline", f"grant:{issued.grant.id}", frozenset({APPLY}), issued.token)
    backend.lock(caller, "shop", LockInfo("lock", "OperationTypeApply"))
    blocks = [
        {
            "mode": "managed",
            "type": "aws_instance",
            "name": name,
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": {"id": id_}}],
        }
        for name, id_ in ids.items()
    ]
    backend.post(
        caller, "shop", "lock", json.dumps({"version": 4, "serial": 1, "lineage": "l", "resources": blocks}).encode()
    )
    backend.unlock(caller, "shop", "lock")
    assert pipeline.follow(house.settings, house.database).faults == ()


def load(house: gate.House, tmp_path: Path, charges: Sequence[tuple[str, str]]) -> pipeline.LoadResult:
    """A bill of this month, of which today is the last day."""
    path = tmp_path / "bill.csv"
    first = f"{MONTH}-01T00:00:00Z"
    fixed = {
        "BillingPeriodStart": first,
        "BillingPeriodEnd": f"{MONTH.plus(1)}-01T00:00:00Z",
        "ChargePeriodStart": f"{TODAY}T00:00:00Z",
        "ChargePeriodEnd": f"{TODAY + timedelta(days=1)}T00:00:00Z",
        "Tags": json.dumps(TAGS),
    }
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows({**ROW, **fixed, "ResourceId": id_, "EffectiveCost": cost} for id_, cost in charges)
    known = pipeline.estate(house.database)
    return pipeline.load(house.lake, [path], "aws", RULES, SILENT, estate=known, yes=True)


WEB = "i-0123456789abcdef0"
DB = "i-0fedcba9876543210"
ARN = f"arn:aws:ec2:us-east-1:123456789012:instance/{DB}"


def test_from_the_check_to_the_bill(house: gate.House, tmp_path: Path) -> None:
    assert line(house).held == 0
    applied(house, {"web": WEB, "db": DB})
    both = line(house).held
    assert both > 0
    load(house, tmp_path, [("i-0aaaaaaaaaaaaaaaa", "5")])
    assert pipeline.give_way(house.database, house.lake) == 0
    assert line(house).held == both

    load(house, tmp_path, [("i-0aaaaaaaaaaaaaaaa", "5"), (WEB, "1")])
    assert pipeline.give_way(house.database, house.lake) == 1
    one = line(house)
    assert 0 < one.held < both
    assert one.spent == Decimal(6)

    for _ in range(2):
        load(house, tmp_path, [("i-0aaaaaaaaaaaaaaaa", "5"), (WEB, "1"), (ARN, "2")])
        pipeline.give_way(house.database, house.lake)
        last = line(house)
        assert (last.held, last.spent) == (Decimal(0), Decimal(8))
    assert pipeline.give_way(house.database, house.lake) == 0


def test_what_no_state_is_known_of_is_found_by_its_id_alone(house: gate.House, tmp_path: Path) -> None:
    applied(house, {"web": WEB, "db": DB})
    before = line(house).held
    load(house, tmp_path, [(ARN, "2")])
    path = tmp_path / "again"
    pipeline.load(house.lake, [tmp_path / "bill.csv"], "aws", RULES, SILENT)
    assert not path.exists()
    assert pipeline.give_way(house.database, house.lake) == 1
    assert 0 < line(house).held < before


def test_nothing_is_loaded_and_nothing_is_held(house: gate.House) -> None:
    assert pipeline.give_way(house.database, house.lake) == 0
    applied(house, {"web": WEB, "db": DB})
    assert pipeline.give_way(house.database, house.lake) == 0


@pytest.mark.parametrize(
    ("days", "opened", "is_billed"),
    [
        ((5,), "2026-10-05T14:00:00+00:00", True),  # made anew: its first charge
        ((1, 2, 3, 4), "2026-10-05T14:00:00+00:00", False),  # changed, and billed as it was before
        ((4, 5), "2026-10-05T14:00:00+00:00", False),  # the day of the change may be the old machine's
        ((4, 5, 6), "2026-10-05T14:00:00+00:00", True),
        ((), "2026-10-05T14:00:00+00:00", False),
    ],
)
def test_partial_months(tmp_path: Path, days: tuple[int, ...], opened: str, *, is_billed: bool) -> None:
    path = tmp_path / "bill.csv"
    rows = [
        {
            **ROW,
            "ResourceId": id_,
            "ChargePeriodStart": f"2026-10-{day:02d}T00:00:00Z",
            "ChargePeriodEnd": f"2026-10-{day + 1:02d}T00:00:00Z",
        }
        for id_, charged in ((WEB, days), ("i-other", (9,)))
        for day in charged
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    lake = Lake(tmp_path / "lake")
    pipeline.load(lake, [path], "aws", RULES, SILENT)
    at = datetime.fromisoformat(opened)
    with lake.engine() as engine:
        asked = [Awaited(7, "2026-10", "w", "a", WEB, at), Awaited(8, "2026-09", "w", "b", WEB, at)]
        assert billed(engine, asked) == ({7} if is_billed else set())

"""The example company's plans are plans as Terraform writes them, read by the real reader."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from infragod.demo import company, history
from infragod.demo.plans import DemoPlan, plans
from infragod.terraform.plan import parse

DAY = date(2026, 11, 22)
PLANS = plans(DAY)


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.workspace)
def test_plan_is_read_whole(plan: DemoPlan) -> None:
    read = parse(json.dumps(plan.document).encode(), plan.workspace, b"k")
    assert read.format_version == "1.2"
    assert [c.address for c in read.changes] == [c["address"] for c in plan.document["resource_changes"]]
    assert {c.resource.region for c in read.changes} <= {"us-east-1", "us-central1"}
    assert all(c.tags["team"] for c in read.changes)


def test_the_denied_plan_has_twelve_changes() -> None:
    read = parse(json.dumps(PLANS[2].document).encode(), "shop-prod", b"k")
    counts = Counter(c.action.value for c in read.changes)
    assert counts == {"create": 9, "update": 2, "replace": 1, "no-op": 4}
    assert [c.address for c in read.changes if "service" not in c.tags] == [
        f"aws_s3_bucket.{name}" for name in ("assets", "exports", "receipts", "thumbnails")
    ]


def test_what_only_the_apply_tells_is_unknown() -> None:
    change = PLANS[0].document["resource_changes"][0]["change"]
    assert change["after_unknown"]["id"] is True
    assert not set(change["after_unknown"]) & set(change["after"])


def test_the_password_is_marked_and_masked() -> None:
    found = [c for c in PLANS[1].document["resource_changes"] if c["type"] == "aws_db_instance"]
    assert all(c["change"]["after_sensitive"]["password"] is True for c in found)
    assert "not-a-real-password" not in str(parse(json.dumps(PLANS[1].document).encode(), "x", b"k"))


def test_the_past_is_the_same_every_time() -> None:
    past = list(history.plans(DAY))
    assert past == list(history.plans(DAY))
    assert [p.at for p in past] == sorted(p.at for p in past)
    assert len(past) == len(history.DAYS) * history.PER_DAY


def test_the_company_has_forty_teams_and_three_hundred_services() -> None:
    services = [service for team in company.teams() for service in team.services]
    assert len(company.teams()) == 40
    assert len(services) == len(set(services)) == 300
    assert {team.cost_centre for team in company.teams()} == set(company.cost_centres())

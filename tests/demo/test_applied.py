"""Applied plans of the example company: of resources that the bills charge for a whole month after."""

from __future__ import annotations

import dataclasses

from tests.demo.conftest import TODAY

from infragod.demo import applied
from infragod.demo.bill import Bills
from infragod.focus import Period


def test_each_plan_makes_what_the_bills_charge_for_a_whole_month(bills: Bills) -> None:
    found = applied.plans(bills.lines, TODAY)
    assert len(found) >= 3
    assert [p.at for p in found] == sorted(p.at for p in found)
    for past in found:
        assert past.applied_at is not None
        assert past.at < past.applied_at
        assert past.change_request.startswith("https://github.com/example-company/")
        assert Period.of(past.applied_at.date()).plus(2).first_day <= TODAY
        changes = past.plan["resource_changes"]
        assert {tuple(c["change"]["actions"]) for c in changes} == {("create",)}
        assert all(c["address"].startswith("module.") for c in changes)


def test_the_same_day_gives_the_same_plans(bills: Bills) -> None:
    shuffled = tuple(reversed(bills.lines))
    assert [dataclasses.asdict(p) for p in applied.plans(bills.lines, TODAY)] == [
        dataclasses.asdict(p) for p in applied.plans(shuffled, TODAY)
    ]
    assert applied.plans([], TODAY) == []

"""Plans that a pipeline checked: the same for the same day, none of what was applied, and never all of what is new."""

from __future__ import annotations

from datetime import timedelta

from tests.demo.conftest import TODAY

from infragod.demo import applied, checked, states
from infragod.demo.bill import Bills


def test_they_are_of_what_began_lately_and_was_not_applied(bills: Bills) -> None:
    behind = applied.plans(bills.lines, TODAY)
    plans = checked.plans(bills.lines, TODAY, behind)
    assert plans == checked.plans(bills.lines, TODAY, behind)
    assert [p.at for p in plans] == sorted(p.at for p in plans)
    made = {(p.workspace, change["address"]) for p in plans for change in p.plan["resource_changes"]}
    assert not made & {(p.workspace, change["address"]) for p in behind for change in p.plan["resource_changes"]}
    oldest = TODAY - timedelta(days=checked.DAYS)
    new = {(r.workspace, r.address) for r in states.placed(bills.lines) if r.line.starts >= oldest}
    assert made < new
    assert all(p.change_request and p.applied_at is None for p in plans)

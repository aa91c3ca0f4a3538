"""What is beside the money of a decision: unknown usage of siblings, and what unused commitments could cover."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policy.render.test_render import denied  # noqa: F401

from infragod.policy.render.fold import siblings_line
from infragod.policy.render.markdown import markdown
from infragod.policy.render.text import text

COMMITMENT = {
    "commitment": "sp-1",
    "title": "Compute Savings Plan",
    "month": "2026-10",
    "unused": "20.00",
    "could_cover": "30.00",
    "components": [{"address": "aws_instance.a", "name": "Instance usage", "could_cover": "30.00"}],
}


@pytest.fixture
def document(denied: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    """The decision, with both."""
    found = dict(denied)
    part = {"basis": "unknown", "unit_price": None, "note": "", "monthly_cost_p50": "12", "monthly_cost_p90": "48"}
    known = {**part, "basis": "assumed"}
    resource = {**found["resources"][0], "components": [part, known]}
    return found | {"commitments": [COMMITMENT], "resources": [resource, *found["resources"][1:]]}


def test_both_stand_beside_the_money(document: dict[str, Any]) -> None:
    line = "unknown usage of siblings: +$12.00 to +$48.00 a month (p50 to p90)"
    assert siblings_line(document) == line
    shown = text(document)
    assert f"         {line}\n" in shown
    assert "Unused   commitments left unused in October 2026 could cover up to $30.00 a month of this\n" in shown
    assert "         $0.00 to $30.00: Compute Savings Plan, aws_instance.a\n" in shown
    noted = markdown(document)
    assert "unknown usage of siblings" in noted
    assert "- **Unused** commitments left unused in October 2026" in noted


def test_a_decision_of_before_has_neither(document: dict[str, Any]) -> None:
    found = {
        **document,
        "commitments": None,
        "resources": [{"components": [{"basis": "unknown"}], "monthly_cost": "1"}],
    }
    assert siblings_line(found) == ""

"""How it stands with an approval, as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from infragod.policy.render.approval import approval_lines, passed_by

UNTIL = "2026-11-29T17:00:00+00:00"
NEED = {
    "clause": "small",
    "rules": ["budget-of-owner"],
    "by": ["lead", "finance"],
    "people": ["lead"],
    "count": 1,
    "given": 0,
}


def vote(answer: str, reason: str | None = None) -> dict[str, Any]:
    return {"person": "lead", "answer": answer, "at": UNTIL, "via": "page", "reason": reason}


def approval(state: str, **more: Any) -> dict[str, Any]:
    return {"state": state, "until": UNTIL, "needs": [NEED], "votes": [], "lost": None, "reason": None} | more


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (None, []),
        (
            approval("pending", reason="launch", lost="the approval by lead was for another plan: a.b changed"),
            [
                "asked: launch",
                "lost: the approval by lead was for another plan: a.b changed",
                "0 of 1 given by lead or finance (budget-of-owner)",
                "ask: infragod approve request 7F3K-9Q2M, or wait for lead or finance until 2026-11-29 17:00 UTC",
            ],
        ),
        (
            approval("pending", needs=[NEED | {"by": [], "people": []}]),
            ["nobody may approve budget-of-owner: no clause of approvals.toml covers it"],
        ),
        (
            approval("pending", needs=[NEED | {"people": [], "given": 1}]),
            [
                (
                    "1 of 1 given by lead or finance (budget-of-owner); none of them is in approvals.toml, "
                    "or all of them asked"
                )
            ],
        ),
        (approval("approved", votes=[vote("grant")]), ["approved by lead until 2026-11-29 17:00 UTC"]),
        (approval("refused", votes=[vote("refuse", "too large")]), ["refused by lead: too large"]),
        (approval("expired"), ["expired; check the plan again"]),
        (
            {"state": "approved", "until": UNTIL, "break_glass": {"person": "lead", "reason": "fire", "decision": "x"}},
            ["glass broken by lead until 2026-11-29 17:00 UTC: fire"],
        ),
    ],
)
def test_each_state_is_told(found: dict[str, Any] | None, lines: list[str]) -> None:
    assert approval_lines({"approval": found, "decision": "7F3K-9Q2M"}) == lines


def test_what_is_not_recorded_can_not_be_asked_for() -> None:
    said = approval_lines({"approval": {"state": "none", "needs": [NEED]}, "decision": None})
    assert said[-1] == "not recorded, so nobody can be asked; check it without --no-record"


def test_an_old_decision_has_no_approval() -> None:
    assert approval_lines({"decision": "7F3K-9Q2M"}) == []
    assert passed_by({}) == ""


def test_the_head_says_by_what_it_passes() -> None:
    assert passed_by({"approval": approval("approved")}) == " by approval"
    assert passed_by({"approval": approval("approved", break_glass={})}) == " by broken glass"
    assert passed_by({"approval": approval("pending")}) == ""

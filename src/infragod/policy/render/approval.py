"""What a decision's approval comes down to, in a line or two: who has approved, who may, until when, how to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any


def passed_by(document: Mapping[str, Any]) -> str:
    """` by approval` or ` by broken glass` where that is why the plan passes."""
    approval = document.get("approval")
    if approval is None or approval["state"] != "approved":
        return ""
    return " by broken glass" if "break_glass" in approval else " by approval"


def approval_lines(document: Mapping[str, Any]) -> list[str]:
    """How it stands with the approval of this decision; nothing where none is needed."""
    approval = document.get("approval")
    return [] if approval is None else list(_lines(approval, document["decision"] or ""))


def _lines(approval: Mapping[str, Any], decision: str) -> Iterator[str]:
    if "break_glass" in approval:
        glass = approval["break_glass"]
        yield f"glass broken by {glass['person']} until {moment(approval['until'])}: {glass['reason']}"
        return
    if approval.get("reason"):
        yield f"asked: {approval['reason']}"
    if approval.get("lost"):
        yield f"lost: {approval['lost']}"
    state = approval["state"]
    if state in ("none", "pending"):
        yield from (_need(need) for need in approval["needs"])
        yield from _how(approval, decision)
    elif state == "approved":
        yield f"approved by {_voters(approval, 'grant')} until {moment(approval['until'])}"
    elif state == "refused":
        yield from _refusals(approval)
    else:
        yield f"{state}; check the plan again"


def _need(need: Mapping[str, Any]) -> str:
    rules = ", ".join(need["rules"])
    if not need["by"]:
        return f"nobody may approve {rules}: no clause of approvals.toml covers it"
    who = " or ".join(need["by"])
    given = f"{need['given']} of {need['count']} given by {who} ({rules})"
    return given if need["people"] else f"{given}; none of them is in approvals.toml, or all of them asked"


def _how(approval: Mapping[str, Any], decision: str) -> Iterator[str]:
    names = dict.fromkeys(name for need in approval["needs"] if need["given"] < need["count"] for name in need["by"])
    if not decision:
        yield "not recorded, so nobody can be asked; check it without --no-record"
    elif names:
        until = moment(approval["until"])
        yield f"ask: infragod approve request {decision}, or wait for {' or '.join(names)} until {until}"


def _voters(approval: Mapping[str, Any], answer: str) -> str:
    return " and ".join(vote["person"] for vote in approval["votes"] if vote["answer"] == answer)


def _refusals(approval: Mapping[str, Any]) -> Iterator[str]:
    for vote in approval["votes"]:
        if vote["answer"] == "refuse":
            yield f"refused by {vote['person']}: {vote['reason']}"


def moment(text: str) -> str:
    """`2026-11-29 17:00 UTC`."""
    return f"{datetime.fromisoformat(text):%F %H:%M} UTC"

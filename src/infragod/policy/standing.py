"""How a decision stands once approvals and broken glass are counted in.

An approved plan passes with warnings: what was found in it stays found. A denied one passes by broken glass alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infragod.approval import requests
from infragod.approval.authority import Authority
from infragod.approval.requests import store
from infragod.approval.requests.record import Ask, State
from infragod.approval.requests.record import document as approval_document
from infragod.policy.decision import Decision
from infragod.resource import Verdict

if TYPE_CHECKING:
    from infragod.db.connection import Connection

_STOPPED = (Verdict.DENY, Verdict.NEEDS_APPROVAL)


def attach(connection: Connection, decision: Decision, wanted: Ask, authority: Authority) -> State:
    """How a decision that is about to be recorded stands with approvals; opens a request if it needs one."""
    return _glass(connection, decision) or (
        requests.attach(connection, wanted, authority) if _waits(decision) else State("none")
    )


def look(connection: Connection, decision: Decision, wanted: Ask, authority: Authority) -> State:
    """The same for a decision that is not recorded: nothing is opened."""
    return _glass(connection, decision) or (
        requests.look(connection, wanted, authority) if _waits(decision) else State("none")
    )


def settled(decision: Decision, state: State) -> Decision:
    """The decision with the approval in it: what is approved passes with warnings."""
    verdict = Verdict.WARN if state.passes else decision.verdict
    return replace(decision, verdict=verdict, approval=approval_document(state))


def _waits(decision: Decision) -> bool:
    return decision.verdict is Verdict.NEEDS_APPROVAL


def _glass(connection: Connection, decision: Decision) -> State | None:
    if decision.verdict not in _STOPPED:
        return None
    glass = store.broken(connection, decision.workspace, decision.plan_digest, datetime.now(UTC))
    return None if glass is None else State("approved", glass=glass)

"""The nouns of approvals: a request, the votes on it, its state, broken glass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infragod.approval.needs import Item, Need


@dataclass(frozen=True, slots=True)
class Vote:
    """What a person answered; `speaks_for` are those whose power they held then."""

    person: str
    answer: str
    at: datetime
    account: str
    via: str
    reason: str
    policy: str
    speaks_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ask:
    """A plan that needs approval: what was found, who must approve, who asks.

    `parts` are short hashes of the plan's changes by address; they tell later why another plan is another one.
    """

    workspace: str
    plan_digest: str
    items: tuple[Item, ...]
    needs: tuple[Need, ...]
    parts: Mapping[str, str]
    requesters: frozenset[str]
    policy: str
    days: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request for approval as it is kept; `kept` is its state without regard to the time."""

    number: int
    workspace: str
    plan_digest: str
    binding: str
    policy: str
    kept: str
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str
    reason: str
    lost: str
    reminded_at: datetime | None
    items: tuple[Item, ...]
    needs: tuple[Need, ...]
    parts: Mapping[str, str]
    requesters: frozenset[str]
    votes: tuple[Vote, ...]

    def value(self, at: datetime) -> str:
        """`pending`, `approved`, `refused`, `void`, or `expired` where nothing came of it in time."""
        return "expired" if self.kept in ("pending", "approved") and self.expires_at <= at else self.kept

    def granted(self) -> dict[str, frozenset[str]]:
        """Who has approved, and for whom each may speak."""
        return {vote.person: vote.speaks_for for vote in self.votes if vote.answer == "grant"}


@dataclass(frozen=True, slots=True)
class Glass:
    """A denied plan that was let pass in an emergency."""

    decision: str
    workspace: str
    plan_digest: str
    person: str
    reason: str
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of the approvals that are needed, with how many there are."""

    need: Need
    people: tuple[str, ...]
    given: int

    @property
    def met(self) -> bool:
        """True if nobody more has to approve for it."""
        return bool(self.need.by) and self.given >= self.need.count


@dataclass(frozen=True, slots=True)
class State:
    """How things stand with the approval of a decision.

    `value` is none, pending, approved, refused, expired or void. It is approved too where the glass was broken for the
    decision: `glass` says so, and it alone lets a denied plan pass.
    """

    value: str
    request: Request | None = None
    wanted: tuple[Wanted, ...] = ()
    glass: Glass | None = field(default=None)

    @property
    def passes(self) -> bool:
        """True if what had to be approved is."""
        return self.value == "approved"


def document(state: State) -> dict[str, Any] | None:
    """The state as it stands in a decision's document; None where nothing needs approval."""
    if state.glass is not None:
        return _glass_document(state.glass)
    if state.request is None:
        return {"state": state.value, "needs": _needs(state)} if state.wanted else None
    request = state.request
    return {
        "state": state.value,
        "until": request.expires_at.isoformat(),
        "policy": request.policy or None,
        "binding": request.binding,
        "needs": _needs(state),
        "votes": [_vote(vote) for vote in request.votes],
        "lost": request.lost or None,
        "reason": request.reason or None,
    }


def _needs(state: State) -> list[dict[str, Any]]:
    return [
        {
            "clause": wanted.need.clause or None,
            "rules": list(wanted.need.rules),
            "by": list(wanted.need.by),
            "people": list(wanted.people),
            "count": wanted.need.count,
            "given": wanted.given,
        }
        for wanted in state.wanted
    ]


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "person": vote.person,
        "answer": vote.answer,
        "at": vote.at.isoformat(),
        "via": vote.via,
        "reason": vote.reason or None,
    }


def _glass_document(glass: Glass) -> dict[str, Any]:
    return {
        "state": "approved",
        "until": glass.expires_at.isoformat(),
        "break_glass": {"person": glass.person, "reason": glass.reason, "decision": glass.decision},
    }

"""The noun of a grant: leave to apply one plan, once, soon.

    issued ──claim──▶ claimed ──finish──▶ used
      │ │          └─ no sign of life ─▶ abandoned ──finish──▶ used
      │ └──── the time is over ────▶ expired
      ├────── withdraw ────────────▶ released
      └────── a re-plan's grant ───▶ replaced

A grant is bound to the decision, the workspace, the lineage and serial of the state that the plan was made on, the
digest of the plan, and the digest of the very file that is applied where the asker told it. Who holds the token may
claim it by the id of a lock, once; of the token only a hash is kept. Everything that happens to it is in ``store``.

Whoever applies may give signs of life: where these have come and then fail for ``DEAD_AFTER``, the grant is abandoned.
It can be claimed no more, and holds what it held, for its apply may have changed something, or even go on unheard of;
what such an apply says at its end still counts.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from infragod.errors import InputError
from infragod.policy.levels import Scope, in_any_environment
from infragod.resource import Level

PREFIX: Final = "igg_"
LONGEST: Final = timedelta(days=1)
DEAD_AFTER: Final = timedelta(minutes=15)


class State(StrEnum):
    """Where a grant stands."""

    ISSUED = "issued"
    CLAIMED = "claimed"
    USED = "used"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    RELEASED = "released"
    REPLACED = "replaced"


class Reason(StrEnum):
    """Why a grant is refused; `approval` alone may change by waiting."""

    UNKNOWN = "unknown"  # no such decision, token or grant
    DENIED = "denied"
    APPROVAL = "approval"  # asked for, or not yet
    REFUSED = "refused"  # an approver said no, or the approval is void or over
    LOCAL = "local"
    OUTDATED = "outdated"  # decided by rules that are no longer in force
    BUDGET = "budget"
    STATE = "state"  # it is not in a state in which that is possible
    BINDING = "binding"  # it was given for another workspace, state or plan


class RefusedError(InputError):
    """The grant is refused: one sentence, and the reason for programs."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Grant:
    """What is known of a grant; the token itself is kept nowhere."""

    id: str
    decision: str
    workspace: str
    change_request: str
    lineage: str
    serial: int
    plan_digest: str
    file_digest: str
    actor: str
    state: State
    issued_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    lock_id: str
    ended_at: datetime | None
    note: str
    alive_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What its holds are named by."""
        return subject(self.id)

    def state_at(self, at: datetime) -> State:
        """Its state at that moment: what was issued and not claimed expires by itself, and silence ends a claim."""
        if self.state is State.ISSUED and self.expires_at <= at:
            return State.EXPIRED
        silent = self.alive_at is not None and self.alive_at <= at - DEAD_AFTER
        return State.ABANDONED if self.state is State.CLAIMED and silent else self.state


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a grant, on which decision, and what it is to be bound to.

    `file_digest` is the SHA-256 of the plan file that will be applied; empty where the asker has no file.
    """

    decision: str
    lineage: str
    serial: int
    actor: str
    file_digest: str = ""
    change_request: str = ""
    ttl: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant is judged by besides the decision: the rules in force, and the money as it stands today.

    `forecasts` are each team's spend of the whole month as forecast; a team that is missing or None is unknown: then
    only what is held is certain. `budget_level` is None where the rule on budgets is off, and
    `budget_scopes` say where it is another.
    """

    day: date
    rules: str
    forecasts: Mapping[str, Decimal | None] = field(default_factory=dict)
    budget_level: Level | None = Level.MANDATORY
    budget_percent: Decimal = Decimal(100)
    budget_scopes: tuple[Scope, ...] = ()

    def stops(self, team: str, workspace: str) -> bool:
        """Whether a budget that would be passed stops a grant for `team` in `workspace`, or is only told."""
        if self.budget_level is None:
            return False
        return in_any_environment(self.budget_level, self.budget_scopes, team, workspace) is not Level.ADVISORY


@dataclass(frozen=True, slots=True)
class Summary:
    """How an apply ended: did all of it succeed, and what the state holds then.

    `resources` maps the address of each resource in the state to the id by which bills know it (None: not known);
    None where the state could not be read.
    """

    applied: bool
    resources: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A grant with its token, which is shown this once, and what it holds of each team's budget."""

    grant: Grant
    token: str = field(repr=False)
    held: Mapping[str, Decimal]


def document(grant: Grant, at: datetime) -> dict[str, Any]:
    """The grant as JSON-ready data."""
    return {
        "grant": grant.id,
        "state": grant.state_at(at).value,
        "decision": grant.decision,
        "workspace": grant.workspace,
        "change_request": grant.change_request or None,
        "lineage": grant.lineage,
        "serial": grant.serial,
        "plan_digest": grant.plan_digest,
        "file_digest": grant.file_digest or None,
        "actor": grant.actor,
        "issued_at": grant.issued_at.isoformat(),
        "expires_at": grant.expires_at.isoformat(),
        "claimed_at": grant.claimed_at.isoformat() if grant.claimed_at else None,
        "alive_at": grant.alive_at.isoformat() if grant.alive_at else None,
        "ended_at": grant.ended_at.isoformat() if grant.ended_at else None,
        "note": grant.note or None,
    }


def mint() -> str:
    """A new token: 256 random bits behind a prefix that secret scanners can find."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token. One round is enough: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def subject(grant_id: str) -> str:
    """What the holds of a grant are named by."""
    return f"grant {grant_id}"

"""Breaking the glass: one person lets one plan pass in an emergency; that opens an incident, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from infragod import incidents
from infragod.approval.authority import Account, Authority
from infragod.approval.requests import store
from infragod.approval.requests.record import Glass
from infragod.db import audit
from infragod.errors import InputError
from infragod.incidents.incident import Incident

if TYPE_CHECKING:
    from infragod.db.connection import Connection

KIND: Final = "break-glass"
REASON_LENGTH: Final = 2000
_LEAST: Final = 10


@dataclass(frozen=True, slots=True)
class Denied:
    """The decision that is to pass all the same."""

    decision: str
    workspace: str
    plan_digest: str
    verdict: str


def break_glass(
    connection: Connection,
    denied: Denied,
    account: Account,
    reason: str,
    authority: Authority,
    at: datetime | None = None,
) -> tuple[Incident, datetime]:
    """Let the plan pass for some hours; the incident, and until when. ``InputError`` says why that is not possible."""
    at = at or datetime.now(UTC)
    if denied.verdict not in ("deny", "needs_approval"):
        raise InputError(f"decision {denied.decision} passes as it is; there is no glass to break")
    said = "".join(c if c.isprintable() else " " for c in reason).strip()
    if not _LEAST <= len(said) <= REASON_LENGTH:
        raise InputError(f"breaking the glass needs a reason of {_LEAST} to {REASON_LENGTH} characters; say what burns")
    person = _allowed(account, authority)
    broken = store.broken_for(connection, denied.decision)
    if broken is not None and broken.expires_at > at:
        raise InputError(f"the glass is broken for decision {denied.decision} already; apply the plan")
    until = at + timedelta(hours=authority.break_glass_hours)
    row = {"decision": denied.decision, "workspace": denied.workspace, "plan_digest": denied.plan_digest}
    glass = Glass(denied.decision, denied.workspace, denied.plan_digest, person, said, at, until)
    store.add_glass(connection, glass, denied.decision)
    details = row | {"verdict": denied.verdict, "reason": said, "until": until.isoformat(), "account": str(account)}
    audit.append(connection, "break-glass", person, details | {"policy": authority.digest}, at=at)
    return incidents.open(connection, KIND, denied.workspace, details, person, at), until


def _allowed(account: Account, authority: Authority) -> str:
    if not authority.digest:
        raise InputError("nobody may break the glass; name people in approvals.toml (docs/guides/approvals.md)")
    person = authority.person(account)
    if person is None:
        raise InputError(f"{account} is nobody in approvals.toml (any more), and so may not break the glass")
    by = authority.break_glass_by
    if by is not None and person.name not in authority.members(by):
        raise InputError(f"{person.name} may not break the glass; that is for {' or '.join(by)}")
    return person.name

"""Waivers: exceptions that end. Added with reason, owner and last day; agreed to by somebody else; applied to findings.

A waiver of a rule that is more than advisory covers nothing before a person whom approvals.toml names has agreed, and
that person is neither its author nor a deputy who speaks for the author.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from infragod.approval.authority import Account, Authority
from infragod.approval.delegation import speaks_for
from infragod.approval.needs import matches
from infragod.errors import InputError
from infragod.policy.waivers.waiver import MOST_DAYS, WARN_DAYS, Waiver
from infragod.resource import Finding, Level, Result, WaivedBy

if TYPE_CHECKING:
    from infragod.db.connection import Connection

REASON_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants to have waived."""

    rule: str
    address: str
    workspace: str
    reason: str
    owner: str
    author: str
    until: date


def apply(findings: Sequence[Finding], waivers: Iterable[Waiver], workspace: str, today: date) -> list[Finding]:
    """`findings`, those that a waiver covers marked as waived; of several waivers the one that lasts longest counts."""
    by_rule: dict[str, list[Waiver]] = {}
    for waiver in sorted(waivers, key=lambda w: w.until, reverse=True):
        if matches([waiver.workspace], workspace) and waiver.state(today) in ("open", "ending", "proposed"):
            by_rule.setdefault(waiver.rule, []).append(waiver)
    return [_applied(f, by_rule[f.rule], today) if f.rule in by_rule else f for f in findings]


def _applied(finding: Finding, waivers: Iterable[Waiver], today: date) -> Finding:
    for waiver in waivers:
        agreed = waiver.approved_by not in ("", waiver.author) or finding.level is Level.ADVISORY
        if agreed and matches([waiver.address], finding.address):
            left = waiver.days_left(today)
            by = WaivedBy(waiver.id, waiver.until, waiver.owner, waiver.reason, left if left <= WARN_DAYS else None)
            return replace(finding, result=Result.WAIVED, waiver=by)
    return finding


def add(connection: Connection, proposal: Proposal, level: Level, at: datetime | None = None) -> Waiver:
    """Propose a waiver; one of an advisory rule is in force at once. ``InputError`` says what is wrong with it."""
    from infragod.policy.waivers import store

    at = at or datetime.now(UTC)
    _refuse(proposal, at.date())
    advisory = level is Level.ADVISORY
    new = {name: getattr(proposal, name) for name in Proposal.__slots__}
    new |= {"approved_by": proposal.author if advisory else "", "approved_at": at if advisory else None}
    return store.insert(connection, new, at)


def _refuse(proposal: Proposal, today: date) -> None:
    for name in ("rule", "address", "workspace", "reason", "owner"):
        text: str = getattr(proposal, name)
        if not text.strip() or not text.isprintable() or len(text) > REASON_LENGTH:
            raise InputError(f"a waiver needs a {name} of one printable line; {text[:40]!r} is none")
    if proposal.until < today:
        raise InputError(f"{proposal.until} is past; a waiver ends on a day to come")
    last = today + timedelta(days=MOST_DAYS)
    if proposal.until > last:
        raise InputError(f"{proposal.until} is too far off; a waiver lasts {MOST_DAYS} days at most, until {last}")


def approve(
    connection: Connection, name: str, account: Account, authority: Authority, at: datetime | None = None
) -> Waiver:
    """Agree to a waiver; ``InputError`` says why this person may not."""
    from infragod.policy.waivers import store

    at = at or datetime.now(UTC)
    waiver = store.held(connection, name)
    if waiver.state(at.date()) in ("ended", "expired") or waiver.approved_by not in ("", waiver.author):
        raise InputError(f"waiver {waiver.id} is {_said(waiver, at.date())}; there is nothing to agree to")
    if not authority.waivers_by:
        raise InputError('nobody may agree to waivers; name them in approvals.toml: [waivers] by = ["…"]')
    person = authority.person(account)
    if person is None:
        raise InputError(f"{account} is nobody in approvals.toml (any more), and so may not agree to a waiver")
    barred = authority.called(frozenset({waiver.author}))
    if person.name in barred or account.name == waiver.author:
        raise InputError(f"{person.name} proposed waiver {waiver.id}, and so may not agree to it; ask somebody else")
    powers = speaks_for(person.name, authority.deputies, at.date(), barred)
    if not powers & authority.members(authority.waivers_by):
        raise InputError(f"{person.name} may not agree to waivers; that is for {' or '.join(authority.waivers_by)}")
    return store.approve(connection, name, person.name, str(account), authority.digest, at)


def _said(waiver: Waiver, today: date) -> str:
    state = waiver.state(today)
    return f"{state} already" if state in ("ended", "expired") else f"agreed to by {waiver.approved_by} already"

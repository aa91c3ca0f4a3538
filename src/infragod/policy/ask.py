"""What approvers are asked: the findings that need approval, whose things they are, how much money it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infragod.approval.authority import Authority
from infragod.approval.needs import Case, Item, needs
from infragod.approval.requests.record import Ask
from infragod.policy.context import UNCHANGED, Context
from infragod.resource import Estimate, Finding, Plan, Result, Verdict

_TEAM = "team."


def ask(
    findings: Iterable[Finding],
    plan: Plan,
    estimate: Estimate,
    known: Context,
    authority: Authority,
    requesters: Iterable[str],
) -> Ask:
    """What needs approval in this plan, and by whom."""
    items = tuple(sorted(set(_items(findings, plan, known))))
    changed = {c.address for c in plan.changes if c.action not in UNCHANGED}
    case = Case(
        workspace=known.workspace,
        amount=estimate.monthly_delta,
        complete=changed.isdisjoint(estimate.unknown),
        leads={team: lead for team, _, lead in known.teams if lead},
    )
    return Ask(
        workspace=known.workspace,
        plan_digest=plan.digest,
        items=items,
        needs=needs(authority, items, case),
        parts=plan.parts,
        requesters=frozenset(name for name in requesters if name),
        policy=authority.digest,
        days=authority.pending_days,
    )


def _items(findings: Iterable[Finding], plan: Plan, known: Context) -> Iterator[Item]:
    """Each finding for each team and environment that it concerns: each of them has its own approvers."""
    touched = {_owner(known, c.address) for c in plan.changes if c.action not in UNCHANGED} or {("", "")}
    for finding in findings:
        if finding.effect is Verdict.NEEDS_APPROVAL and finding.result is not Result.WAIVED:
            for team, environment in sorted(_concerned(finding.address, touched, known)):
                yield Item(finding.rule, finding.address, team, environment)


def _concerned(address: str, touched: set[tuple[str, str]], known: Context) -> set[tuple[str, str]]:
    if address in known.owners:
        return {_owner(known, address)}
    if address.startswith(_TEAM):
        team = address.removeprefix(_TEAM)
        return {pair for pair in touched if pair[0] == team} or {(team, "")}
    return touched


def _owner(known: Context, address: str) -> tuple[str, str]:
    owner = known.owners.get(address)
    return ("", "") if owner is None else (owner.team or "", owner.environment or "")

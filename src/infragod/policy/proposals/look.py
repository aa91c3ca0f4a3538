"""Look for rules that were overturned too often: each proposes to be one level milder."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from infragod.policy.friction import RuleFriction
from infragod.policy.friction import store as friction
from infragod.policy.proposals import MILDER, Proposal, Terms, store
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.db.connection import Connection
    from infragod.policy.rules import Rule

ACTOR: Final = "infragod"
NOBODY: Final = "nobody"
"""Whom a proposal is to where the rule names no owner."""


def terms(settings: Settings) -> Terms:
    """When a rule proposes its demotion, as the settings have it."""
    days = max(1, settings.demotion_days)
    return Terms(max(1, settings.demotion_findings), max(0, settings.demotion_percent), days, days)


def look(connection: Connection, rules: Collection[Rule], terms: Terms, now: datetime) -> list[Proposal]:
    """The proposals that are new; one whose rule has another level by now is void."""
    store.hold(connection)
    _void(connection, {rule.id: rule.level.value for rule in rules if rule.enabled}, now)
    since = now - timedelta(days=terms.days)
    candidates = {rule.id: rule for rule in rules if rule.enabled and rule.level in MILDER}
    found = [f for f in friction.rules(connection, since, now) if f.rule in candidates and overturned(f, terms)]
    asked = [f for f in found if _may_ask(store.last(connection, f.rule), candidates[f.rule], terms, now)]
    return [store.add(connection, _new(f, candidates[f.rule], since, now), ACTOR, now) for f in asked]


def overturned(rule: RuleFriction, terms: Terms) -> bool:
    """Whether a rule was overturned too often."""
    return rule.judged >= terms.findings and 100 * rule.overturned > terms.percent * rule.judged


def _void(connection: Connection, levels: dict[str, str], now: datetime) -> None:
    for proposal in store.recent(connection):
        if levels.get(proposal.rule) != proposal.level:
            store.answer(connection, proposal.id, "void", ACTOR, "the rule has another level by now", now)


def _may_ask(last: Proposal | None, rule: Rule, terms: Terms, now: datetime) -> bool:
    """A proposal waits for its answer, and one that was answered is not made again for a while."""
    if last is None or last.state == "void" or last.level != rule.level.value:
        return True
    return last.answered_at is not None and last.answered_at + timedelta(days=terms.pause) <= now


def _new(found: RuleFriction, rule: Rule, since: datetime, now: datetime) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "level": rule.level.value,
        "proposed": MILDER[rule.level].value,
        "owner": (rule.owner or NOBODY)[:200],
        "since": since.date(),
        "until": now.date(),
        "judged": found.judged,
        "overturned": found.overturned,
    }


def lines(proposals: Iterable[Proposal]) -> Iterable[str]:
    """A proposal in a line for people."""
    for p in proposals:
        said = f"{p.level} → {p.proposed}: {p.overturned} of {p.judged} overturned from {p.since} to {p.until}"
        ended = f", by {p.answered_by} on {p.answered_at:%F}" if p.answered_at else ""
        why = f": {p.reason}" if p.reason else ""
        yield f"{p.id:<5} {p.rule}  {said}; to {p.owner}; {p.state}{ended}{why}"

"""What the records of decisions, approvals, waivers and broken glass say of the gate's friction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, Subquery, and_, case, func, or_, select

from infragod.approval.requests import store as requests
from infragod.approval.requests.record import Request
from infragod.approval.requests.store import asked, glass, request
from infragod.focus import Period
from infragod.policy.friction import DAYS, STOPPED, Check, Friction, RuleFriction, Wait, changes
from infragod.policy.friction.changes import Deltas, outcome, spread
from infragod.policy.store import decision, get, rule_count, touched
from infragod.resource import Level, Result
from infragod.terraform.estate import store as estate

_MOST: Final = 500
_STOPPING: Final = (Level.APPROVAL.value, Level.MANDATORY.value)
_APPROVED: Final = request.c.state == "approved"
_CHANGE: Final = func.coalesce(decision.c.change_request, decision.c.plan_digest)


def month(connection: Connection, period: Period, now: datetime, days: int = DAYS) -> Friction:
    """The friction of one month (UTC), as far as it is known `now`."""
    since, until = _begin(period), _begin(period.plus(1))
    waits = waited(connection, since, until, now)
    closed = [wait for wait in waits if wait.state != "pending"]
    found = changes.changes(checks(connection, since - timedelta(days=days), until + timedelta(days=days)), days)
    outcomes = tuple(
        outcome(change, now, lambda name: _deltas(connection, name), days, lambda check: _made(connection, check))
        for change in found
        if since <= change.stop.at < until
    )
    return Friction(
        _verdicts(connection, since, until),
        spread(wait.minutes for wait in closed),
        len(waits) - len(closed),
        _counted(wait.state for wait in closed),
        tuple(_with_waits(rule, waits) for rule in rules(connection, since, until)),
        outcomes,
        spread(o.checks for o in outcomes if o.checks is not None),
        now,
    )


def months(connection: Connection) -> list[Period]:
    """The months from the first decision to the last, newest first."""
    first, last = connection.execute(select(func.min(decision.c.created_at), func.max(decision.c.created_at))).one()
    if first is None:
        return []
    oldest, period = Period.of(first.date()), Period.of(last.date())
    found = [period]
    while period > oldest:
        period = period.plus(-1)
        found.append(period)
    return found


def checks(connection: Connection, since: datetime, until: datetime) -> list[Check]:
    """The decisions of the workspaces that had a plan stopped, oldest first."""
    within = (decision.c.created_at >= since, decision.c.created_at < until)
    stopped = select(decision.c.workspace).where(*within, decision.c.verdict.in_(STOPPED)).distinct()
    query = (
        select(
            *(decision.c[name] for name in ("number", "id", "created_at", "workspace", "change_request", "verdict")),
            *(decision.c[name] for name in ("currency", "monthly_delta", "complete")),
            func.min(case((_APPROVED, request.c.ended_at))).label("approved_at"),
            func.min(glass.c.opened_at).label("broken_at"),
        )
        .select_from(decision)
        .outerjoin(asked, asked.c.decision == decision.c.id)
        .outerjoin(request, request.c.number == asked.c.request)
        .outerjoin(glass, glass.c.decision == decision.c.id)
        .where(*within, decision.c.workspace.in_(stopped))
        .group_by(decision.c.number)
        .order_by(decision.c.number)
    )
    found = [_check(row) for row in connection.execute(query).mappings()]
    places = _places(connection, [check.number for check in found if not check.change_request])
    return [replace(check, places=places[check.number]) if check.number in places else check for check in found]


def waited(connection: Connection, since: datetime, until: datetime, now: datetime) -> list[Wait]:
    """The requests for approval that were opened in that time, each with the minutes that it waited."""
    return [_wait(found, now) for found in requests.opened(connection, since, until)]


def rules(connection: Connection, since: datetime, until: datetime, rule: str = "") -> list[RuleFriction]:
    """What each rule stopped in that time, and what passed all the same; counted by change, not by check."""
    own = _cases(since, until, rule)
    overturned = or_(own.c.approved == 1, own.c.waived == 1, own.c.broken == 1)
    query = (
        select(
            own.c.rule,
            func.max(own.c.mandatory).label("mandatory"),
            func.max(own.c.judged).label("stops"),
            *(func.sum(own.c[name]).label(name) for name in ("judged", "warned", "approved", "waived", "broken")),
            func.sum(case((overturned, 1), else_=0)).label("overturned"),
        )
        .group_by(own.c.rule)
        .order_by(own.c.rule)
    )
    found = [_rule(row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda r: (-r.judged, -r.warned, r.rule))


def _cases(since: datetime, until: datetime, rule: str) -> Subquery:
    """One row a rule and change: what the rule said of it in any of its checks."""
    stopping = and_(rule_count.c.level.in_(_STOPPING), rule_count.c.result != Result.UNKNOWN.value)
    passed = and_(stopping, rule_count.c.level == Level.APPROVAL.value, _APPROVED)
    flags = {
        "judged": stopping,
        "mandatory": and_(stopping, rule_count.c.level == Level.MANDATORY.value),
        "warned": and_(rule_count.c.level == Level.ADVISORY.value, rule_count.c.result == Result.VIOLATION.value),
        "approved": and_(passed, rule_count.c.result == Result.VIOLATION.value),
        "waived": and_(stopping, rule_count.c.result == Result.WAIVED.value),
        "broken": and_(stopping, rule_count.c.result == Result.VIOLATION.value, glass.c.number.is_not(None)),
    }
    query = (
        select(rule_count.c.rule, *(func.max(case((flag, 1), else_=0)).label(name) for name, flag in flags.items()))
        .select_from(decision)
        .join(rule_count, rule_count.c.number == decision.c.number)
        .outerjoin(asked, asked.c.decision == decision.c.id)
        .outerjoin(request, request.c.number == asked.c.request)
        .outerjoin(glass, glass.c.decision == decision.c.id)
        .where(decision.c.created_at >= since, decision.c.created_at < until)
        .group_by(rule_count.c.rule, decision.c.workspace, _CHANGE)
    )
    return (query.where(rule_count.c.rule == rule) if rule else query).subquery()


def _rule(row: RowMapping) -> RuleFriction:
    level = Level.MANDATORY if row["mandatory"] else Level.APPROVAL if row["stops"] else Level.ADVISORY
    approved, waived, broken = int(row["approved"]), int(row["waived"]), int(row["broken"])
    counts = (int(row["judged"]), int(row["warned"]), approved, waived, broken, int(row["overturned"]))
    return RuleFriction(row["rule"], level.value, *counts)


def _with_waits(rule: RuleFriction, waits: Sequence[Wait]) -> RuleFriction:
    mine = [wait for wait in waits if rule.rule in wait.rules]
    closed = [wait.minutes for wait in mine if wait.state != "pending"]
    return replace(rule, waits=spread(closed), waiting=len(mine) - len(closed))


def _verdicts(connection: Connection, since: datetime, until: datetime) -> dict[str, int]:
    query: Select[Any] = (
        select(decision.c.verdict, func.count())
        .where(decision.c.created_at >= since, decision.c.created_at < until)
        .group_by(decision.c.verdict)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def _wait(found: Request, now: datetime) -> Wait:
    state = "expired" if found.kept == "pending" and found.expires_at <= now else found.kept
    ended = found.ended_at or (found.expires_at if state == "expired" else now)
    minutes = Decimal(round((ended - found.opened_at).total_seconds())) / 60
    return Wait(state, minutes, tuple(sorted({item.rule for item in found.items})))


def _check(row: RowMapping) -> Check:
    passed = [moment for moment in (row["approved_at"], row["broken_at"]) if moment is not None]
    at = row["created_at"] if row["verdict"] not in STOPPED else max(min(passed), row["created_at"]) if passed else None
    return Check(
        row["number"],
        row["id"],
        row["created_at"],
        row["workspace"],
        row["change_request"] or "",
        row["verdict"],
        row["currency"],
        row["monthly_delta"],
        row["complete"],
        at,
    )


def _places(connection: Connection, numbers: Sequence[int]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for i in range(0, len(numbers), _MOST):
        query = select(touched.c.number, touched.c.place).where(touched.c.number.in_(numbers[i : i + _MOST]))
        for row in connection.execute(query):
            found[row.number].add(row.place)
    return {number: frozenset(places) for number, places in found.items()}


def _deltas(connection: Connection, name: str) -> Deltas:
    document = get(connection, name) or {"resources": [], "unknown": []}
    unknown = frozenset(document["unknown"])
    known = {
        r["address"]: Decimal(r["monthly_cost"] or 0) - Decimal(r["monthly_cost_before"] or 0)
        for r in document["resources"]
        if r["address"] not in unknown
    }
    return known, unknown


def _made(connection: Connection, stop: Check) -> bool:
    """Whether a state holds, since the plan was stopped, a resource that it was to make."""
    document = get(connection, stop.id) or {"resources": []}
    wanted = {r["address"] for r in document["resources"] if r["action"] in ("create", "replace")}
    return bool(wanted & estate.seen_since(connection, stop.workspace, stop.at)) if wanted else False


def _counted(names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in sorted(names):
        found[name] = found.get(name, 0) + 1
    return found


def _begin(period: Period) -> datetime:
    return datetime.combine(period.first_day, time(), UTC)

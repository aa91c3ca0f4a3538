"""Decisions of the past months: plans of the example company's teams, put through the gate on the days of then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from infragod import gate
from infragod.db.connection import Connection
from infragod.demo import company
from infragod.demo.plan_json import Entry, Layout, document
from infragod.demo.plans import REGIONS, database, instance
from infragod.policy import store
from infragod.policy.decision import Decision
from infragod.policy.decision import document as decision_document
from infragod.policy.grants import Asked, Summary, Terms
from infragod.policy.grants import store as grants
from infragod.progress import SILENT, Progress
from infragod.resource import Verdict
from infragod.settings import Settings

DAYS: Final = (1, 2, 4, 7, 9, 14, 20, 27, 35, 44, 55, 69, 86, 104)
PER_DAY: Final = 4
SIZES: Final = ("t3.medium", "m6i.xlarge", "m6i.4xlarge", "m5.2xlarge", "r6g.2xlarge", "g4dn.2xlarge")


@dataclass(frozen=True, slots=True)
class Past:
    """One plan of the past: when and where it was checked, and the plan itself."""

    at: datetime
    workspace: str
    plan: dict[str, Any]
    change_request: str = ""
    applied_at: datetime | None = None


def record(settings: Settings, today: date, progress: Progress = SILENT, applied: Sequence[Past] = ()) -> int:
    """Decide and record the plans of the past and those that were `applied`, oldest first; how many there were."""
    past = sorted([*plans(today), *applied], key=lambda p: p.at)
    progress.start("decisions of the past months", len(past), "plans")
    try:
        with gate.House.open(settings) as house:
            decisions = []
            for plan in past:
                decisions.append(_decide(house, plan))
                progress.advance(1)
            with house.database.begin() as connection:
                for plan, decision in zip(past, decisions, strict=True):
                    made = decision_document(decision)
                    name = store.record(connection, made, change_request=plan.change_request)
                    if plan.applied_at is not None and decision.verdict in (Verdict.ALLOW, Verdict.WARN):
                        _apply(connection, name, decision.bundle, plan, plan.applied_at)
    finally:
        progress.finish()
    return len(past)


def _apply(connection: Connection, name: str, rules: str, past: Past, at: datetime) -> None:
    """The grant that the plan was applied with, used."""
    asked = Asked(name, "", 0, f"pipeline of {past.workspace}", change_request=past.change_request)
    issued = grants.issue(connection, asked, Terms(at.date(), rules, budget_level=None), at=at - timedelta(minutes=4))
    lock = f"lock-{name}"
    grants.claim(connection, issued.token, workspace=past.workspace, lineage="", serial=0, lock_id=lock, at=at)
    grants.finish(connection, lock, Summary(applied=True), at=at)


def plans(today: date) -> Iterator[Past]:
    """The plans of the past, oldest first; the same for the same day."""
    for back in sorted(DAYS, reverse=True):
        day = today - timedelta(days=back)
        for n in range(PER_DAY):
            yield _plan(day, n)


def _decide(house: gate.House, past: Past) -> Decision:
    request = gate.CheckRequest(
        document=json.dumps(past.plan).encode(),
        where=f"{past.workspace}/plan.json",
        workspace=past.workspace,
        actor=f"pipeline of {past.workspace}",
        today=past.at.date(),
        record=False,
    )
    return replace(gate.check(request, house), created_at=past.at)


def _plan(day: date, n: int) -> Past:
    dice = hashlib.sha256(f"{day} {n}".encode()).digest()
    team = company.teams()[dice[0] % len(company.teams())]
    service = team.services[dice[1] % len(team.services)]
    environment = "staging" if dice[2] % 3 == 0 else "production"
    tags = {"team": team.name, "service": service, "environment": environment}
    if environment == "staging" and dice[3] % 2:
        tags["expires"] = (day + timedelta(days=30)).isoformat()
    if dice[4] % 6 == 0:
        del tags["service"]
    at = datetime.combine(day, time(8 + 3 * n, dice[5] % 60), UTC)
    layout = Layout(REGIONS, tags, at.isoformat().replace("+00:00", "Z"))
    return Past(
        at,
        f"{team.landing}-{'staging' if environment == 'staging' else 'prod'}",
        document(_entries(service, dice), layout),
    )


def _entries(service: str, dice: bytes) -> list[Entry]:
    name = service.replace("-", "_")
    size = SIZES[dice[6] % len(SIZES)]
    entries = [Entry("aws_instance", name, instance(size, 50), index=i) for i in range(1 + dice[7] % 3)]
    if dice[8] % 2:
        entries.append(Entry("aws_ebs_volume", name, {"availability_zone": "us-east-1a", "size": 200, "type": "gp3"}))
    if dice[9] % 3 == 0:
        entries.append(Entry("aws_db_instance", name, database("db.m5.large", 200), database("db.t4g.small", 100)))
    return entries

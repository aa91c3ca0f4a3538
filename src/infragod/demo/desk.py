"""What people did about plans of the example company: approvals, waivers, broken glass, grants, states.

Everything happens at its own time, in the days before the moment `now`, by the parts that real companies use.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from infragod import gate
from infragod.approval import requests
from infragod.approval.authority import Account, Authority
from infragod.approval.requests.record import Ask
from infragod.db.connection import Connection
from infragod.demo import company
from infragod.demo.plan_json import Entry, Layout, document
from infragod.demo.plans import REGIONS, cache, database, instance
from infragod.incidents import store as incident_store
from infragod.incidents.break_glass import Denied, break_glass
from infragod.org import store as org
from infragod.policy import ask, waivers
from infragod.policy import context as contexts
from infragod.policy import store as record
from infragod.policy.decision import Decision
from infragod.policy.decision import document as decision_document
from infragod.policy.grants import Asked, Issued, Summary
from infragod.policy.grants import store as grant_store
from infragod.policy.waivers import Proposal
from infragod.policy.waivers import store as waiver_store
from infragod.resource import Level
from infragod.settings import Settings
from infragod.terraform import history as state_history
from infragod.terraform import plan as plans
from infragod.terraform import store as states

EVENING: Final = time(17)
TERRAFORM: Final = "1.15.2"
WAIVERS: Final = (
    # rule, address, workspace, reason, owner, author, days ago, days that it lasts, agreed to by, ended
    ("old-generation", "aws_instance.batch*", "fulfilment-*", "moves to m7i with the new scheduler", "warehouse",
     "lead-warehouse", 40, 120, "", False),
    ("mandatory-tags", "module.legacy.*", "data-prod", "tags come with the move to the new account", "data-platform",
     "lead-data-platform", 60, 67, "controller", False),
    ("allowed-instance-types", "aws_instance.gpu[*]", "data-staging", "trains the ranking model until it moves",
     "recommendations", "lead-recommendations", 1, 30, "", False),
    ("expiry-tag", "aws_*", "corporate-staging", "the test bed of the year's end", "corporate-it", "lead-corporate-it",
     100, 88, "financial-engineer", False),
    ("allowed-regions", "google_*", "growth-prod", "campaign in a new market", "marketing", "lead-marketing", 30, 90,
     "financial-engineer", True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A plan, for whom it was checked, and how many hours before `now`."""

    team: str
    service: str
    environment: str
    entries: Sequence[Entry]
    hours: float
    requester: str = ""

    @property
    def workspace(self) -> str:
        """As the company names its workspaces."""
        return f"{company.team(self.team).landing}-{'prod' if self.environment == 'production' else self.environment}"

    def plan(self, at: datetime) -> bytes:
        """Its JSON."""
        tags = {"team": self.team, "service": self.service, "environment": self.environment}
        return json.dumps(document(self.entries, Layout(REGIONS, tags, at.isoformat()))).encode()


def moment(today: date) -> datetime:
    """The moment that the company is shown at: now, or the evening of another day."""
    now = datetime.now(UTC)
    return now if today == now.date() else datetime.combine(today, EVENING, UTC)


class Desk:
    """One house, the approvals.toml in force, and the moment that all times are counted back from."""

    def __init__(self, house: gate.House, now: datetime) -> None:
        self.house = house
        self.now = now
        self.law: Authority = house.in_force().authority

    def ago(self, hours: float) -> datetime:
        """So many hours before the moment."""
        return self.now - timedelta(hours=hours)

    def checked(self, case: Case) -> tuple[str, Decision]:
        """A decision as it was made then, recorded with the request for approval that it opened."""
        at = self.ago(case.hours)
        asked = gate.CheckRequest(
            document=case.plan(at),
            where=f"{case.workspace}/plan.json",
            workspace=case.workspace,
            actor=f"pipeline of {case.workspace}",
            today=at.date(),
            record=False,
            requester=case.requester,
        )
        made = replace(gate.check(asked, self.house), created_at=at, approval=None)
        wanted = self._ask(asked, made) if made.verdict.value == "needs_approval" else None
        with self.house.database.begin() as connection:
            state = requests.attach(connection, wanted, self.law, at) if wanted else None
            name = record.record(connection, decision_document(made), teams=set(made.teams.values()))
            if state is not None:
                requests.belongs(connection, state, name)
        return name, made

    def _ask(self, asked: gate.CheckRequest, made: Decision) -> Ask:
        law = self.house.in_force()
        change = plans.parse(asked.document, asked.where, self.house.mask_key)
        owners = contexts.owners(change, law.ownership)
        with self.house.database.read() as connection:
            teams = [(t.name, t.cost_centre, t.lead) for t in org.teams(connection)]
        known = contexts.Context(asked.workspace, asked.today, owners, teams, [], [], local=False)
        return ask.ask(made.findings, change, made.estimate, known, self.law, (asked.actor, asked.requester))

    def answered(self, name: str, token: str, what: str, hours: float, reason: str = "") -> None:
        """Somebody's answer on the page."""
        with self.house.database.begin() as connection:
            account, at = Account("token", token), self.ago(hours)
            requests.answer(connection, name, account, what, self.law, via="page", reason=reason, at=at)

    def passed(self, case: Case) -> str:
        """A decision that passes: where the budget of the day asks for an approval, finance gave it soon after."""
        name, _ = self.checked(case)
        for token in ("controller", "financial-engineer"):
            if self.waits(name):
                self.answered(name, token, "grant", case.hours - 0.05)
        return name

    def waits(self, name: str) -> bool:
        """Whether somebody still has to approve it."""
        with self.house.database.read() as connection:
            return requests.state(connection, name, at=self.now).value == "pending"

    def granted(self, name: str, workspace: str, hours: float, change: str = "") -> Issued:
        """A grant on the decision, bound to the state as it is."""
        at = self.ago(hours)
        with self.house.database.begin() as connection:
            current = states.current(connection, workspace)
            lineage, serial = (current.lineage, current.serial) if current else ("", 0)
            ttl = timedelta(hours=20)
            asked = Asked(name, lineage, serial, f"pipeline of {workspace}", change_request=change, ttl=ttl)
            return grant_store.issue(connection, asked, self.house.terms(at.date()), at=at)


def record_all(settings: Settings, today: date) -> None:
    """All of it."""
    with gate.House.open(settings) as house:
        desk = Desk(house, moment(today))
        _waivers(desk)
        _states(desk, settings)
        _state_differs(desk)
        _approvals(desk)
        _yesterday(desk)
        _broken_glass(desk)
        _now(desk)


def _waivers(desk: Desk) -> None:
    levels = {rule.id: rule.level for rule in desk.house.in_force().rules.all}
    with desk.house.database.begin() as connection:
        for rule, address, workspace, reason, owner, author, ago, lasts, agreed, ended in WAIVERS:
            at = desk.ago(24 * ago)
            until = at.date() + timedelta(days=lasts)
            proposal = Proposal(rule, address, workspace, reason, owner, author, until)
            made = waivers.add(connection, proposal, levels.get(rule, Level.MANDATORY), at)
            if agreed:
                account = Account("token", agreed)
                waivers.approve(connection, made.id, account, desk.law, at + timedelta(hours=5))
            if ended:
                waiver_store.end(connection, made.id, f"lead of {owner}", at + timedelta(days=21))


def _approvals(desk: Desk) -> None:
    """Requests that expired, wait, were refused and approved, the oldest first."""
    late = [Entry("aws_db_instance", "archive_old", None, database("db.m5.large", 200))]
    desk.checked(Case("observability", "log-archive", "production", late, 24 * 9))
    gone = [Entry("aws_db_instance", "orders_old", None, database("db.m5.large", 400))]
    desk.checked(Case("seller-portal", "seller-api", "production", gone, 55, "lead-seller-portal"))
    burst = [Entry("aws_instance", "indexer", instance("m7i.8xlarge", 200), index=n) for n in range(4)]
    small, _ = desk.checked(Case("recommendations", "candidate-store", "production", burst, 30))
    if desk.waits(small):  # whether it fits the budget depends on the day
        desk.answered(small, "financial-engineer", "refuse", 26, "half the size will do until the sale is over")
    machines = [Entry("aws_instance", "warehouse", instance("r6i.16xlarge", 500), index=n) for n in range(3)]
    large, _ = desk.checked(Case("analytics", "finance-cubes", "production", machines, 20, "lead-analytics"))
    caches = [Entry("aws_elasticache_cluster", "sessions", cache("sessions", "cache.r5.12xlarge"))]
    fine, _ = desk.checked(Case("seller-payouts", "payout-ledger", "production", [*caches, *burst[:2]], 10))
    if desk.waits(fine):
        desk.answered(fine, "controller", "grant", 8, "agreed in the quarter's plan")
    desk.answered(large, "controller", "grant", 3)


def _broken_glass(desk: Desk) -> None:
    wrong = instance("x2iedn.8xlarge", 500)
    case = Case("logistics", "route-cache", "production", [Entry("aws_instance", "route_cache", wrong)], 2.5)
    name, made = desk.checked(case)
    with desk.house.database.begin() as connection:
        denied = Denied(name, case.workspace, made.plan_digest, made.verdict.value)
        reason = "parcels cannot be routed: the cache needs the memory now, the right size comes on Monday"
        break_glass(connection, denied, Account("token", "lead-logistics"), reason, desk.law, desk.ago(2))
    _used(desk, desk.granted(name, case.workspace, 1.9), 1.8)


def _state_differs(desk: Desk) -> None:
    """An incident of three weeks ago that was closed since."""
    details = {
        "reason": "the apply did what its decision does not hold",
        "unapproved": ["aws_security_group_rule.world (create)"],
        "more": 0,
        "operation": "OperationTypeApply",
    }
    with desk.house.database.begin() as connection:
        at = desk.ago(24 * 21)
        new = incident_store.insert(connection, "state", "growth-prod", details, "pipeline of growth-prod", at)
        said = "a second shell held the lock's token; the rule was taken out again, and the token ended"
        incident_store.close(connection, new.number, said, "head of platform", at + timedelta(hours=20))


def _yesterday(desk: Desk) -> None:
    """Grants that expired, were used, and were taken back."""
    disk = _disk()
    name = desk.passed(Case("accounts", "sessions", "production", disk, 23))
    desk.granted(name, "shop-prod", 22.9, "shop/pull/402")
    keys = [Entry("aws_instance", "keys", instance("t3.large", 30))]
    name = desk.passed(Case("security", "key-management", "production", keys, 18))
    _used(desk, desk.granted(name, "platform-prod", 17.5, "platform/pull/77"), 17.4)
    name = desk.passed(Case("fraud", "fraud-review", "production", disk, 16))
    issued = desk.granted(name, "payments-prod", 15.5)
    with desk.house.database.begin() as connection:
        grant_store.release(
            connection, issued.grant.id, actor="financial engineer", reason="comes after the close", at=desk.ago(15)
        )


def _now(desk: Desk) -> None:
    """A grant that is being applied, and one that may be."""
    small = [Entry("aws_instance", "ingress", instance("t3.large", 30), index=n) for n in range(2)]
    _under_way(desk, Case("cloud-platform", "ingress", "production", small, 0.6))
    name = desk.passed(Case("catalogue", "media-library", "production", _disk(), 0.4))
    desk.granted(name, "shop-prod", 0.3, "shop/pull/418")


def _disk() -> list[Entry]:
    return [Entry("aws_ebs_volume", "scratch", {"availability_zone": "us-east-1a", "size": 300, "type": "gp3"})]


def _under_way(desk: Desk, case: Case) -> None:
    """An apply that is under way: its grant is claimed, and it holds the lock."""
    name = desk.passed(case)
    issued = desk.granted(name, case.workspace, 0.5, "platform/pull/81")
    _claimed(desk, issued, 0.4)
    grant, at = issued.grant, desk.ago(0.4)
    with desk.house.database.begin() as connection:
        states.take(
            connection,
            states.Lock(
                workspace=case.workspace,
                id=f"lock-{grant.id}",
                operation="OperationTypeApply",
                who=f"pipeline@{case.workspace}",
                program=TERRAFORM,
                created=at.isoformat(),
                taken_at=at,
                actor=grant.actor,
                holder=f"grant:{grant.id}",
                decision=name,
                before=grant.serial,
            ),
        )


def _claimed(desk: Desk, issued: Issued, hours: float) -> None:
    grant = issued.grant
    with desk.house.database.begin() as connection:
        grant_store.claim(
            connection,
            issued.token,
            workspace=grant.workspace,
            lineage=grant.lineage,
            serial=grant.serial,
            lock_id=f"lock-{grant.id}",
            at=desk.ago(hours),
        )


def _used(desk: Desk, issued: Issued, hours: float) -> None:
    _claimed(desk, issued, hours + 0.05)
    with desk.house.database.begin() as connection:
        grant_store.finish(connection, f"lock-{issued.grant.id}", Summary(applied=True), at=desk.ago(hours))


def _states(desk: Desk, settings: Settings) -> None:
    """A few versions of the states of some workspaces, encrypted as the backend stores them."""
    landings = sorted({team.landing for team in company.teams()})
    with desk.house.database.begin() as connection:
        for number, landing in enumerate(landings):
            for serial in range(1, 3 + number % 4):
                _version(connection, settings, f"{landing}-prod", serial, desk.ago(24 * (15 - 3 * serial) + number))


def _version(connection: Connection, settings: Settings, workspace: str, serial: int, at: datetime) -> None:
    lineage = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{workspace}.example.com"))
    content = state(lineage, serial, [f"{workspace}-{n}" for n in range(4 + 3 * serial)])
    new = states.Version(
        workspace=workspace,
        version=serial,
        lineage=lineage,
        serial=serial,
        terraform_version=TERRAFORM,
        resources=4 + 3 * serial,
        size=len(content),
        created_at=at,
        actor=f"pipeline of {workspace}",
        operation="OperationTypeApply",
        lock_id=f"apply-{serial}",
    )
    keys = state_history.vault(settings, connection)
    states.add(connection, new, state_history.seal(keys, new, content))


def state(lineage: str, serial: int, ids: Iterable[str]) -> bytes:
    """A state of format 4 that holds instances of these ids."""
    instances: list[Mapping[str, Any]] = [
        {
            "schema_version": 2,
            "index_key": n,
            "attributes": {"id": f"i-{uuid.uuid5(uuid.NAMESPACE_OID, name).hex[:17]}"},
        }
        for n, name in enumerate(ids)
    ]
    resource = {
        "mode": "managed",
        "type": "aws_instance",
        "name": "web",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": instances,
    }
    top = {"version": 4, "terraform_version": TERRAFORM, "serial": serial, "lineage": lineage, "outputs": {}}
    return json.dumps({**top, "resources": [resource], "check_results": None}).encode()

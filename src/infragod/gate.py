"""The gate: plan → price → context → tables → rules → levels → waivers → verdict → approval → record.

``check`` is the whole flow. What it needs of the company (rules in force, prices, owners, budgets, bills) is the
``House``: opened once, by a command or a server, and safe to share between threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Self

from infragod.approval import requests
from infragod.approval.authority import Authority
from infragod.approval.requests.record import Ask
from infragod.budget import store as budget_store
from infragod.db.connection import Database, lock
from infragod.finance import forecast
from infragod.focus import Period
from infragod.lake.lake import Lake
from infragod.org import store as org_store
from infragod.org.ownership import DEFAULT, Owner, Ownership
from infragod.policy import ask, bundle, context, decide, grants, levels, rules, runner, standing, waivers
from infragod.policy import store as record_store
from infragod.policy.bundle import store as bundle_store
from infragod.policy.context import Context, Forecasts
from infragod.policy.contract import TABLES
from infragod.policy.decision import BudgetLine, Decision, document
from infragod.policy.grants import judge
from infragod.policy.grants import store as grant_store
from infragod.policy.simulate import facts as seen
from infragod.policy.simulate import store as seen_store
from infragod.policy.waivers import store as waiver_store
from infragod.price import in_use, usage
from infragod.price.estimate import estimate as price
from infragod.price.measured import Measured, stands
from infragod.price.measured.siblings import Owned
from infragod.price.sheet import Prices
from infragod.resource import Estimate, Finding, Plan
from infragod.settings import Settings
from infragod.terraform import mask, plan, tables
from infragod.terraform.broker.scope import scope
from infragod.terraform.estate import store as estate_store
from infragod.terraform.repository import repository_of


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """One plan to decide on: its JSON, where that came from, who asks, and on which day (UTC).

    `usage` replaces the usage file of the house; `key` makes the record answer a repeated request as it did before;
    `requester` is for whom a pipeline asks: neither they nor `actor` may approve.
    """

    document: bytes
    where: str
    workspace: str
    actor: str
    today: date
    usage: Path | None = None
    record: bool = True
    key: record_store.Key | None = None
    requester: str = ""
    change_request: str = ""


def check(request: CheckRequest, house: House) -> Decision:
    """The gate's decision on one plan; recorded unless the request says otherwise."""
    law = house.in_force()
    change = plan.parse(request.document, request.where, house.mask_key)
    owners = house.owners(change, request, law.ownership)
    used = house.usage(request, law.usage, change, owners)
    prices = house.prices(request.today, request.workspace)
    estimate = price(change, prices, used, currency=house.settings.currency, as_of=request.today)
    known = house.context(estimate, request, owners)
    kept = request.record and house.settings.facts_days > 0
    attributes = law.rules.every_attribute if kept else law.rules.attributes
    facts = tables.tables(change, attributes, request.workspace)
    facts |= context.tables(change, estimate, known, TABLES if kept else law.rules.tables)
    found = levels.apply(runner.run(law.rules, facts, today=request.today), law.rules, facts)
    findings = waivers.apply(found, known.waivers, request.workspace, request.today)
    decision = _decision(request, law, change, estimate, known, findings)
    decision = replace(decision, facts=seen.pack(facts, attributes) if kept else b"")
    wanted = ask.ask(findings, change, estimate, known, law.authority, (request.actor, request.requester))
    return house.settle(decision, wanted, law.authority, request, known)


def grant(asked: grants.Asked, house: House, today: date) -> grants.Issued:
    """Leave to apply the plan of a decision, and what that holds of budgets; ``RefusedError`` says why not."""
    terms = house.terms(today)
    try:
        with house.database.begin() as connection:
            return grant_store.issue(connection, asked, terms)
    except grants.RefusedError as error:
        with house.database.begin() as connection:
            grant_store.note_refusal(connection, error, asked.actor, {"decision": asked.decision})
        raise


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules, the owners' rules and the usage of one bundle, or of the working folder where none is published."""

    bundle: int
    rules: rules.RuleSet
    ownership: Ownership
    usage: usage.Usage
    authority: Authority


def measured(home: Path, today: date, workspace: str, change: Plan, owners: Mapping[str, Owner]) -> Measured:
    """What the bills say of the usage of a plan's resources and of their siblings."""
    owned = {address: Owned(one.team, one.service, one.environment) for address, one in owners.items()}
    return Measured(home, today, workspace, owned, stands(change))


def _decision(
    request: CheckRequest, law: InForce, change: Plan, estimate: Estimate, known: Context, findings: list[Finding]
) -> Decision:
    return Decision(
        id="",
        created_at=datetime.now(UTC),
        workspace=request.workspace,
        verdict=decide.decide(findings),
        bundle=law.rules.label,
        rules=len(law.rules),
        local=known.local,
        actor=request.actor,
        plan_digest=change.digest,
        counts=dict(Counter(c.action.value for c in change.changes)),
        estimate=estimate,
        findings=findings,
        budgets=known.budgets,
        teams={address: owner.team for address, owner in known.owners.items() if owner.team},
        requester=request.requester,
        aws=scope(change),
    )


class House:
    """What the company knows, as a check needs it."""

    def __init__(self, settings: Settings, database: Database, lake: Lake) -> None:
        self.settings = settings
        self.database = database
        self.lake = lake
        self._prices = in_use.InUse(settings.home)
        self._law: InForce | None = None
        self._forecasts: dict[tuple[int, date, frozenset[str]], Forecasts] = {}

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """The house of `settings`; a database that does not exist is made."""
        return cls(settings, Database.open(settings, migrate=False), Lake(settings.lake, settings.retention_days))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def prices(self, today: date, workspace: str) -> Prices:
        """The unit prices for a plan of that workspace: own rates, imported lists, the built-in sheet."""
        return self._prices.prices(today, workspace)

    @cached_property
    def mask_key(self) -> bytes:
        """The key by which sensitive values are masked."""
        return mask.key(self.settings)

    def in_force(self) -> InForce:
        """The law as it is now; read again only when a new bundle was published."""
        with self.database.read() as connection:
            number = bundle_store.latest_number(connection)
            if self._law is None or self._law.bundle != number:
                latest = bundle_store.latest(connection)
                self._law = self._read_law(number, latest)
                teams = [team.name for team in org_store.teams(connection)]
                levels.refuse_strangers(self._law.rules.all, teams, latest.label if latest else "")
        return self._law

    def _read_law(self, number: int, latest: bundle.Bundle | None) -> InForce:
        owners = bundle.ownership(self.settings, latest)
        expected = latest.content.documents.get("usage.toml") if latest else None
        return InForce(
            number,
            rules.load(self.settings, latest),
            Ownership.parse(DEFAULT if owners is None else owners),
            usage.Usage() if expected is None else usage.parse(expected, "the bundle's usage.toml"),
            bundle.authority(self.settings, latest),
        )

    def owners(self, change: Plan, request: CheckRequest, ownership: Ownership) -> dict[str, Owner]:
        """Who owns the plan's resources."""
        with self.database.read() as connection:
            repository = estate_store.repository(connection, request.workspace)
        repository = repository or repository_of(request.change_request)
        return context.owners(change, ownership, request.workspace, repository)

    def usage(
        self, request: CheckRequest, published: usage.Usage, change: Plan, owners: Mapping[str, Owner]
    ) -> usage.Usage:
        """The expected usage: the bundle's, then the request's file or the settings' own; else what is measured."""
        path = request.usage or self.settings.beside(self.settings.usage)
        own = usage.read(path) if request.usage or path.is_file() else usage.Usage()
        past = measured(self.settings.home, request.today, request.workspace, change, owners)
        return usage.Usage(published.sources + own.sources, past)

    def context(self, estimate: Estimate, request: CheckRequest, owners: Mapping[str, Owner]) -> Context:
        """The owners of the plan's resources, and the budgets that the plan draws on."""
        with self.database.read() as connection:
            teams = [(t.name, t.cost_centre, t.lead) for t in org_store.teams(connection)]
            services = [(s.name, s.team) for s in org_store.services(connection)]
            budgets = budget_store.budgets(connection, Period.of(request.today))
            own = grant_store.waiting(connection, request.workspace, request.change_request, datetime.now(UTC))
            held = budget_store.held(connection, Period.of(request.today), besides={g.subject for g in own})
            waived = waiver_store.current(connection, request.today)
        added = context.deltas(estimate, owners)
        touched = [b for b in budgets if b.team in added]
        forecasts = self.forecasts(request.today, frozenset(b.team for b in budgets)) if touched else {}
        lines: list[BudgetLine] = context.budget_lines(touched, held, forecasts, added, request.today)
        local = not (teams or budgets or self.lake.version("cost") >= 0)
        return Context(request.workspace, request.today, owners, teams, services, lines, local, waived)

    def terms(self, today: date) -> grants.Terms:
        """What grants are judged by today: the rules in force, the rule on budgets among them, and the forecasts."""
        law = self.in_force()
        rule = next((r for r in law.rules.rules if r.id == judge.BUDGET_RULE), None)
        with self.database.read() as connection:
            teams = frozenset(b.team for b in budget_store.budgets(connection, Period.of(today)))
        forecasts = self.forecasts(today, teams) if teams else {}
        return grants.Terms(
            today,
            law.rules.label,
            {team: forecast for team, (_, forecast) in forecasts.items()},
            rule.level if rule else None,
            Decimal(str(rule.values["percent"])) if rule else Decimal(100),
            rule.scopes if rule else (),
        )

    def forecasts(self, today: date, teams: frozenset[str]) -> Forecasts:
        """What each team has spent this month and will spend in all, from the bills that are loaded."""
        key = (self.lake.version("cost"), today, teams)
        if key not in self._forecasts:
            with self.lake.engine() as engine:
                found = forecast.month_by_team(
                    engine, Period.of(today), today, currency=self.settings.currency, teams=teams
                )
            self._forecasts = {key: found}
        return self._forecasts[key]

    def settle(
        self, decision: Decision, wanted: Ask, authority: Authority, request: CheckRequest, known: Context
    ) -> Decision:
        """The decision with what approvals say of it; recorded, with an id and a link, if the request wants that."""
        if not request.record:
            with self.database.read() as connection:
                return standing.settled(decision, standing.look(connection, decision, wanted, authority))
        teams = {owner.team for owner in known.owners.values() if owner.team}
        with self.database.begin() as connection:
            if request.key is not None:
                lock(connection, request.key.number)  # before the lock of approvals, as everywhere
            found = standing.attach(connection, decision, wanted, authority)
            settled = standing.settled(decision, found)
            name = record_store.record(
                connection, document(settled), teams=teams, key=request.key, change_request=request.change_request
            )
            if settled.facts:
                seen_store.keep(connection, name, settled.facts, self.settings.facts_days)
            requests.belongs(connection, found, name)
        link = f"{self.settings.public_url.rstrip('/')}/decisions/{name}" if self.settings.public_url else ""
        return replace(settled, id=name, url=link)

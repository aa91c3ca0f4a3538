"""Decisions, budgets and terms in a few words, on a database of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from infragod.budget import store as budget_store
from infragod.budget.budgets import Budget
from infragod.db.connection import Database
from infragod.focus import Period
from infragod.policy import store as record_store
from infragod.policy.grants import Asked, Issued, Terms
from infragod.policy.grants import store as grants

DAY = date(2026, 11, 16)  # fifteen of thirty days are left: half of a monthly cost counts
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
RULES = "bundle 1 (39 rules)"
MONTH = Period.of(DAY)


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def resource(name: str, cost: str, before: str = "0.00", action: str = "create", team: str | None = "checkout") -> Any:
    return {
        "address": f"aws_instance.{name}",
        "type": "aws_instance",
        "action": action,
        "monthly_cost": cost,
        "monthly_cost_before": before,
        "components": [],
        "team": team,
    }


def decide(database: Database, *resources: Any, verdict: str = "allow", workspace: str = "shop", **more: Any) -> str:
    """The id of a recorded decision on these resources."""
    content = {
        "workspace": workspace,
        "verdict": verdict,
        "actor": "pipeline",
        "bundle": RULES,
        "local": False,
        "plan_digest": "d" * 64,
        "currency": "USD",
        "complete": True,
        "created_at": NOW.isoformat(),
        "monthly_cost": "1.00",
        "monthly_delta": "1.00",
        "findings": [],
        "budgets": [],
        "approval": None,
        "resources": list(resources),
    }
    with database.begin() as connection:
        return record_store.record(connection, content | more)


def budget(database: Database, amount: str, team: str = "checkout") -> None:
    with database.begin() as connection:
        budget_store.save(connection, [Budget(team, MONTH, Decimal(amount), "USD")])


def terms(**more: Any) -> Terms:
    return Terms(DAY, RULES, **more)


def take(database: Database, decision: str, at: datetime = NOW, law: Terms | None = None, **more: Any) -> Issued:
    """A grant on the decision."""
    with database.begin() as connection:
        asked = Asked(decision, more.pop("lineage", "l"), more.pop("serial", 7), "pipeline", **more)
        return grants.issue(connection, asked, law or terms(), at=at)


def held(database: Database, at: datetime = NOW) -> dict[str, Decimal]:
    with database.read() as connection:
        return budget_store.held(connection, MONTH, at)

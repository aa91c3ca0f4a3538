"""A decision of the gate, and the one document that is printed, recorded and shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from infragod.focus import exact
from infragod.resource import Commitment, Component, Estimate, Finding, PricedResource, Verdict, WaivedBy


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What a plan does to the budget of one team in one month; None is unknown.

    `with_change` is the forecast with the plan's delta pro rata to the period's end, and with `held` (open holds of
    others) on top.
    """

    team: str
    month: str
    amount: Decimal
    spent: Decimal | None
    forecast: Decimal | None
    held: Decimal
    with_change: Decimal | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer to one plan. `id` and `url` are empty where nothing was recorded."""

    id: str
    created_at: datetime
    workspace: str
    verdict: Verdict
    bundle: str
    rules: int
    local: bool
    actor: str
    plan_digest: str
    counts: dict[str, int]
    estimate: Estimate
    findings: Sequence[Finding]
    budgets: Sequence[BudgetLine]
    url: str = ""
    teams: Mapping[str, str] = field(default_factory=dict)
    """Address to the team that owns it, as far as known."""
    requester: str = ""
    approval: Mapping[str, Any] | None = None
    aws: Mapping[str, Any] | None = None
    """What of AWS the plan touches (``terraform.broker.scope``): its credentials are cut to that."""
    facts: bytes = field(default=b"", repr=False)
    """What the rules saw, packed: kept beside the document, for a simulation of other rules; empty: not kept."""


def document(decision: Decision) -> dict[str, Any]:
    """The decision as JSON-ready data (docs/reference/check.schema.json); money is decimal text."""
    priced = estimate_document(decision.estimate)
    for resource in priced["resources"]:
        resource["team"] = decision.teams.get(resource["address"])
    return priced | {
        "verdict": decision.verdict.value,
        "bundle": decision.bundle,
        "decision": decision.id or None,
        "url": decision.url or None,
        "created_at": decision.created_at.isoformat(),
        "workspace": decision.workspace,
        "actor": decision.actor,
        "requester": decision.requester or None,
        "local": decision.local,
        "rules": decision.rules,
        "plan_digest": decision.plan_digest,
        "counts": decision.counts,
        "budgets": [_budget(line) for line in decision.budgets],
        "findings": [_finding(finding) for finding in decision.findings],
        "approval": decision.approval,
        "aws": decision.aws,
    }


def estimate_document(estimate: Estimate) -> dict[str, Any]:
    """The estimate as JSON-ready data (docs/reference/estimate.schema.json); money is decimal text."""
    return {
        "currency": estimate.currency,
        "monthly_cost": exact(estimate.monthly_cost),
        "monthly_cost_before": exact(estimate.monthly_cost_before),
        "monthly_delta": exact(estimate.monthly_delta),
        "complete": estimate.complete,
        "prices": estimate.prices,
        "unknown": list(estimate.unknown),
        "advice": advice_document(estimate),
        "commitments": [_commitment(commitment) for commitment in estimate.commitments],
        "resources": [_resource(resource) for resource in estimate.resources],
    }


def advice_document(estimate: Estimate) -> list[dict[str, Any]]:
    """The advice of an estimate as JSON-ready data; money is decimal text."""
    return [
        {
            "address": advice.address,
            "kind": advice.kind,
            "what": advice.what,
            "monthly_saving": exact(advice.monthly_saving),
            "note": advice.note or None,
        }
        for advice in estimate.advice
    ]


def _commitment(commitment: Commitment) -> dict[str, Any]:
    return {
        "commitment": commitment.id,
        "title": commitment.title,
        "month": commitment.month,
        "unused": exact(commitment.unused),
        "could_cover": exact(commitment.could_cover),
        "components": [
            {"address": covered.address, "name": covered.component, "could_cover": exact(covered.up_to)}
            for covered in commitment.covers
        ],
    }


def _resource(resource: PricedResource) -> dict[str, Any]:
    return {
        "address": resource.address,
        "type": resource.type,
        "action": resource.action.value,
        "monthly_cost": _text(resource.monthly_cost),
        "monthly_cost_before": _text(resource.monthly_cost_before),
        "components": [_component(component) for component in resource.components],
    }


def _component(component: Component) -> dict[str, Any]:
    return {
        "name": component.name,
        "unit": component.unit,
        "monthly_quantity": _text(component.monthly_quantity),
        "unit_price": _text(component.unit_price),
        "monthly_cost": _text(component.monthly_cost),
        "basis": component.basis.value,
        "price_source": component.price_source or None,
        "note": component.note or None,
        "monthly_cost_p50": _text(component.monthly_cost_p50),
        "monthly_cost_p90": _text(component.monthly_cost_p90),
        "siblings": component.siblings,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "level_by": finding.level_by or None,
        "address": finding.address,
        "result": finding.result.value,
        "effect": finding.effect.value,
        "message": finding.message,
        "mend": finding.mend,
        "waiver": None if finding.waiver is None else _waiver(finding.waiver),
    }


def _waiver(waiver: WaivedBy) -> dict[str, Any]:
    return {
        "id": waiver.id,
        "until": waiver.until.isoformat(),
        "owner": waiver.owner,
        "reason": waiver.reason,
        "days_left": waiver.days_left,
    }


def _budget(line: BudgetLine) -> dict[str, Any]:
    return {
        "team": line.team,
        "month": line.month,
        "amount": exact(line.amount),
        "spent": _text(line.spent),
        "forecast": _text(line.forecast),
        "held": exact(line.held),
        "with_change": _text(line.with_change),
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)

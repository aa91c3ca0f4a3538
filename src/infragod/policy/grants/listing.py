"""Grants as lists show them: each with what it holds just now of whose budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infragod.budget.holds import Held
from infragod.budget.holds import store as holds
from infragod.db.connection import Connection
from infragod.focus import exact
from infragod.policy.grants import Grant, document


def rows(connection: Connection, grants: Sequence[Grant], at: datetime) -> list[dict[str, Any]]:
    """The grants as JSON-ready data, with `holds`."""
    held: dict[str, list[Held]] = {}
    for one in holds.of_subjects(connection, {grant.subject for grant in grants}, at):
        held.setdefault(one.subject, []).append(one)
    return [document(g, at) | {"holds": [_hold(one) for one in held.get(g.subject, [])]} for g in grants]


def _hold(held: Held) -> dict[str, Any]:
    return {
        "team": held.team,
        "month": held.month,
        "amount": exact(held.amount),
        "currency": held.currency,
        "until": held.until.isoformat(),
    }

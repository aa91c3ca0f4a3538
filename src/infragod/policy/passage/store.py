"""What the tables of decisions, approvals and grants say of resources that were to be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, select

from infragod.approval.requests.store import asked, glass, request
from infragod.policy.grants import State
from infragod.policy.grants.store import grant
from infragod.policy.passage import DECISION, DENIED, GLASS, GRANT, Passage
from infragod.policy.store import decision, place_of, touched

_MOST: Final = 500
_PASSING: Final = ("allow", "warn")
_USED: Final = (State.CLAIMED.value, State.USED.value, State.ABANDONED.value)


def passages(
    connection: Connection, places: Sequence[tuple[str, str]], since: datetime, until: datetime
) -> list[Passage]:
    """What was said from `since` to before `until` of each (workspace, address) that was to be made."""
    wanted = {place_of(workspace, address): (workspace, address) for workspace, address in places}
    numbers = sorted(wanted)
    found = set()
    for i in range(0, len(numbers), _MOST):
        for row in connection.execute(_query(numbers[i : i + _MOST], since, until)):
            workspace, address = wanted[row.place]
            if workspace == row.workspace:
                found |= {Passage(workspace, address, said, at, row.id) for said, at in _said(row)}
    return sorted((p for p in found if p.at < until), key=lambda p: (p.workspace, p.address, p.at, p.said, p.decision))


def _query(numbers: Sequence[int], since: datetime, until: datetime) -> Select[Any]:
    return (
        select(
            touched.c.place,
            decision.c.id,
            decision.c.workspace,
            decision.c.verdict,
            decision.c.created_at,
            grant.c.claimed_at,
            request.c.state.label("approval"),
            request.c.ended_at,
            glass.c.opened_at,
        )
        .select_from(touched)
        .join(decision, decision.c.number == touched.c.number)
        .outerjoin(grant, and_(grant.c.decision == decision.c.id, grant.c.state.in_(_USED)))
        .outerjoin(asked, asked.c.decision == decision.c.id)
        .outerjoin(request, request.c.number == asked.c.request)
        .outerjoin(glass, glass.c.decision == decision.c.id)
        .where(touched.c.place.in_(numbers), touched.c.makes)
        .where(decision.c.created_at >= since, decision.c.created_at < until)
    )


def _said(row: Row[Any]) -> Iterator[tuple[str, datetime]]:
    if row.claimed_at is not None:
        yield GRANT, row.claimed_at
    if row.opened_at is not None:
        yield GLASS, max(row.opened_at, row.created_at)
    elif row.verdict in _PASSING:
        yield DECISION, row.created_at
    elif row.approval == "approved":
        yield DECISION, max(row.ended_at or row.created_at, row.created_at)
    if row.verdict not in _PASSING:
        yield DENIED, row.created_at

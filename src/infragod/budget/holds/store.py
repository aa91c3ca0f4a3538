"""The table `hold_item`, and everything that happens to a hold; take ``exclusive`` before judging."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Column, Connection, ForeignKey, String, Table, Text, select

from infragod.budget.holds import Held, Item, Opening, OpenItem
from infragod.budget.store import hold
from infragod.db.base import Money, Number, UtcTime, metadata
from infragod.db.connection import lock
from infragod.focus import Period

hold_item: Final = Table(
    "hold_item",
    metadata,
    Column("number", Number, primary_key=True),
    Column("hold", Number, ForeignKey("hold.number"), nullable=False, index=True),
    Column("workspace", String(300), nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("amount", Money, nullable=False),
    Column("resource_id", Text),
    Column("released_at", UtcTime),
    info={"row": "a resource's part of a hold"},
)

_BUDGET_LOCK: Final = 7_210_303


def exclusive(connection: Connection) -> None:
    """Until this transaction ends nobody else opens a hold: what is read of budgets stays true."""
    lock(connection, _BUDGET_LOCK)


def open_holds(
    connection: Connection,
    items: Sequence[Item],
    opening: Opening,
) -> dict[str, Decimal]:
    """Hold what each team's items sum to, and say how much; a team that saves in all gets no hold."""
    by_team: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.amount:
            by_team[item.team].append(item)
    held = {team: sum((i.amount for i in own), Decimal(0)) for team, own in sorted(by_team.items())}
    for team, amount in held.items():
        if amount <= 0:
            continue
        done = connection.execute(hold.insert().values(team=team, amount=amount, **_columns(opening)))
        number = int((done.inserted_primary_key or (0,))[0])
        rows = [
            {"hold": number, "workspace": opening.workspace, "address": i.address, "amount": i.amount}
            for i in by_team[team]
        ]
        connection.execute(hold_item.insert(), rows)
    return {team: amount for team, amount in held.items() if amount > 0}


def _columns(opening: Opening) -> dict[str, Any]:
    return {
        "month": str(opening.month),
        "currency": opening.currency,
        "subject": opening.subject,
        "opened_at": opening.at,
        "expires_at": opening.expires_at,
    }


def prolong(connection: Connection, subject: str, until: datetime) -> None:
    """The open holds of `subject` last until then."""
    connection.execute(
        hold.update().where(hold.c.subject == subject, hold.c.released_at.is_(None)).values(expires_at=until)
    )


def release(connection: Connection, subjects: Collection[str], at: datetime) -> int:
    """End the open holds of `subjects`; their number."""
    open_ones = hold.c.subject.in_(sorted(subjects)) & hold.c.released_at.is_(None)
    return connection.execute(hold.update().where(open_ones).values(released_at=at)).rowcount


def of_subjects(connection: Connection, subjects: Collection[str], at: datetime) -> list[Held]:
    """What each of `subjects` holds at `at`, by subject and team."""
    live = (hold.c.released_at.is_(None), hold.c.expires_at > at)
    query = select(hold.c.subject, hold.c.team, hold.c.month, hold.c.amount, hold.c.currency, hold.c.expires_at)
    query = query.where(hold.c.subject.in_(sorted(subjects)), *live).order_by(hold.c.subject, hold.c.team)
    return [Held(*row) for row in connection.execute(query)]


def expire(connection: Connection, at: datetime) -> int:
    """Mark as released what expired before `at`; it has counted no longer since then."""
    over = hold.c.released_at.is_(None) & (hold.c.expires_at <= at)
    return connection.execute(hold.update().where(over).values(released_at=hold.c.expires_at)).rowcount


def open_items(
    connection: Connection, at: datetime, *, workspace: str | None = None, month: Period | None = None
) -> list[OpenItem]:
    """What is still held at `at`, item by item; of one workspace or month if it is named."""
    query = (
        select(hold_item, hold.c.subject, hold.c.month, hold.c.opened_at)
        .join(hold, hold.c.number == hold_item.c.hold)
        .where(hold_item.c.released_at.is_(None), hold.c.released_at.is_(None), hold.c.expires_at > at)
        .order_by(hold_item.c.number)
    )
    if workspace is not None:
        query = query.where(hold_item.c.workspace == workspace)
    if month is not None:
        query = query.where(hold.c.month == str(month))
    return [
        OpenItem(r.number, r.hold, r.subject, r.workspace, r.address, r.amount, r.resource_id, r.month, r.opened_at)
        for r in connection.execute(query)
    ]


def learn(connection: Connection, workspace: str, ids: Mapping[str, str], at: datetime) -> int:
    """Note the resource ids (address to id) of what `workspace` has made, as far as it is still held; their number."""
    known = [i for i in open_items(connection, at, workspace=workspace) if i.address in ids]
    for item in known:
        connection.execute(
            hold_item.update().where(hold_item.c.number == item.number).values(resource_id=ids[item.address])
        )
    return len(known)


def give_way(connection: Connection, billed: Collection[int], at: datetime) -> int:
    """End the parts of holds, by their number, whose resources the bill of their month has; how many there were.

    The flow that loads a bill calls this with those of ``open_items`` that the bill has.
    """
    exclusive(connection)
    return release_items(connection, (i for i in open_items(connection, at) if i.number in billed), at)


def release_items(connection: Connection, items: Iterable[OpenItem], at: datetime) -> int:
    """End these parts; each hold shrinks to what is left of it, and ends when nothing is."""
    ended = list(items)
    for item in ended:
        connection.execute(hold_item.update().where(hold_item.c.number == item.number).values(released_at=at))
    for number in sorted({item.hold for item in ended}):
        left = connection.execute(
            select(hold_item.c.amount).where(hold_item.c.hold == number, hold_item.c.released_at.is_(None))
        ).scalars()
        amount = sum(left, Decimal(0))
        change = {"amount": amount} if amount > 0 else {"released_at": at}
        connection.execute(hold.update().where(hold.c.number == number).values(**change))
    return len(ended)

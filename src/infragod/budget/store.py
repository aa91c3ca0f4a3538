"""The tables `budget` and `hold`: money that a team may spend in a month, and what is encumbered of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import CheckConstraint, Column, Connection, Index, String, Table, select

from infragod.budget.budgets import Budget, Changes, compare
from infragod.db.base import Money, Number, UtcTime, metadata
from infragod.focus import Period

budget: Final = Table(
    "budget",
    metadata,
    Column("team", String(200), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Index(None, "month"),
    info={"row": "what a team may spend in a month"},
)

hold: Final = Table(
    "hold",
    metadata,
    Column("number", Number, primary_key=True),
    Column("team", String(200), nullable=False),
    Column("month", String(7), nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("subject", String(300), nullable=False, index=True),
    Column("opened_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("released_at", UtcTime),
    Index(None, "month", "team"),
    CheckConstraint("expires_at > opened_at", name="expires_later"),
    info={"row": "money encumbered by a plan that is about to be applied"},
)


def budgets(connection: Connection, month: Period) -> list[Budget]:
    """The budgets of one month, by team."""
    return _select(connection, [str(month)])


def of_months(connection: Connection, months: Iterable[Period]) -> list[Budget]:
    """The budgets of several months, by month and team."""
    return _select(connection, sorted({str(month) for month in months}))


def months(connection: Connection) -> list[Period]:
    """The months that have a budget."""
    rows = connection.execute(select(budget.c.month).distinct().order_by(budget.c.month))
    return [Period.parse(row.month) for row in rows]


def teams_with_budgets(connection: Connection) -> set[str]:
    """The teams that have a budget in any month."""
    return set(connection.execute(select(budget.c.team).distinct()).scalars())


def held(
    connection: Connection, month: Period, at: datetime | None = None, *, besides: Collection[str] = ()
) -> dict[str, Decimal]:
    """What the holds open at `at` (now) encumber in `month`, by team, without those whose subject is in `besides`.

    A team without holds is not in it.
    """
    at = at or datetime.now(UTC)
    query = select(hold.c.team, hold.c.amount, hold.c.subject).where(
        hold.c.month == str(month), hold.c.opened_at <= at, hold.c.expires_at > at, hold.c.released_at.is_(None)
    )
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in connection.execute(query):  # summed here: SQLite has no exact numbers
        if row.subject not in besides:
            sums[row.team] += row.amount
    return dict(sums)


def save(connection: Connection, new: Sequence[Budget], *, replace: bool = False) -> Changes:
    """Write `new`; with `replace`, budgets of its months that it does not name are removed."""
    old = of_months(connection, {b.month for b in new})
    changes = compare(old, new, replace=replace)
    for gone in (*changes.changed, *changes.removed):
        connection.execute(budget.delete().where(budget.c.team == gone.team, budget.c.month == str(gone.month)))
    fresh = (*changes.added, *changes.changed)
    if fresh:
        connection.execute(
            budget.insert(),
            [{"team": b.team, "month": str(b.month), "amount": b.amount, "currency": b.currency} for b in fresh],
        )
    return changes


def _select(connection: Connection, names: Sequence[str]) -> list[Budget]:
    query = select(budget).where(budget.c.month.in_(names)).order_by(budget.c.month, budget.c.team)
    return [Budget(row.team, Period.parse(row.month), row.amount, row.currency) for row in connection.execute(query)]

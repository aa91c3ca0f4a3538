"""The tables `followup` and `followup_resource`: what was applied, and what became of its estimate.

A row comes when a plan was applied, with every resource that the plan touched; the comparison fills in the rest, again
whenever the month's bill, the states or later plans say something else. `seen` is a hash of all that it rests on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Row, String, Table, Text, func, select

from infragod.db import audit
from infragod.db.base import Money, Number, UtcTime, metadata
from infragod.db.connection import lock
from infragod.finance.accuracy import Applied, Compared, Comparison, Outcome, Parts, Prediction, State
from infragod.finance.accuracy.content import components, content_of
from infragod.focus import Period, exact
from infragod.resource import Action

_LOCK: Final = 7_210_340
_LATE: Final = timedelta(days=7)
EVENT: Final = "followup"
ACTOR: Final = "infragod"
_SUMS: Final = tuple(Parts.__slots__)
_TOLD: Final = ("estimated", "billed", "error", "rate", "quantity", "unknown")

followup: Final = Table(
    "followup",
    metadata,
    Column("number", Number, primary_key=True),
    Column("decision", String(9), nullable=False, unique=True),
    Column("grant", String(9), nullable=False),
    Column("workspace", String(300), nullable=False),
    Column("change_request", String(300), nullable=False),
    Column("applied_at", UtcTime, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("month", String(7), nullable=False),
    Column("state", String(20), nullable=False),
    Column("days", Integer, nullable=False),
    Column("missing", Text, nullable=False),
    *(Column(name, Money, nullable=False) for name in _SUMS),
    Column("left_out", Text, nullable=False),
    Column("apart", Text, nullable=False),
    Column("seen", String(64), nullable=False),
    Column("compared_at", UtcTime),
    Column("told", String(64), nullable=False),
    Index(None, "month", "state"),
    Index(None, "applied_at", "number"),
    Index(None, "month", "applied_at", "number"),
    Index(None, "workspace", "applied_at"),
    Index(None, "change_request"),
    info={"row": "a decision whose plan was applied: its estimate against the bill of its first full month"},
)

resource: Final = Table(
    "followup_resource",
    metadata,
    Column("followup", Number, ForeignKey("followup.number"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False),
    Column("type", String(200), nullable=False),
    Column("action", String(20), nullable=False),
    Column("recipe", String(200)),
    Column("team", String(200)),
    Column("outcome", String(20), nullable=False),
    *(Column(name, Money, nullable=False) for name in _SUMS),
    Column("content", Text, nullable=False),
    info={"row": "a resource that such a plan touched: its estimate, what was billed, and the error by its parts"},
)


@dataclass(frozen=True, slots=True)
class Followed:
    """A decision that was applied, as lists show it; money is of what could be compared."""

    number: int
    applied: Applied
    month: Period
    state: State
    days: int
    missing: tuple[str, ...]
    figures: Parts
    left_out: Mapping[Outcome, tuple[int, Decimal]]
    apart: Mapping[str, Decimal]
    seen: str
    told: str

    @property
    def compared(self) -> bool:
        """Whether anything of it could be compared."""
        return bool(self.figures.estimated or self.figures.billed)


@dataclass(frozen=True, slots=True)
class Touched:
    """A resource that an applied plan touched, with what was predicted of it."""

    followup: int
    prediction: Prediction


def add(connection: Connection, applied: Applied, touched: Iterable[Prediction]) -> bool:
    """Follow a decision from now on; False if it is followed already. Applied once more, its time is the later one."""
    lock(connection, _LOCK)
    found = connection.execute(select(followup).where(followup.c.decision == applied.decision)).first()
    if found is not None:
        if applied.applied_at > found.applied_at:
            values = {"applied_at": applied.applied_at, "month": str(applied.month), "grant": applied.grant}
            connection.execute(followup.update().where(followup.c.number == found.number).values(**values))
        return False
    empty = {**dict.fromkeys(_SUMS, Decimal(0)), "left_out": "{}", "apart": "{}", "missing": "[]"}
    named = {n: getattr(applied, n) for n in Applied.__slots__}
    made = connection.execute(
        followup.insert().values(
            **named, **empty, month=str(applied.month), state=State.WAITING.value, days=0, seen="", told=""
        )
    )
    number = int((made.inserted_primary_key or (0,))[0])
    rows = [_resource(number, place, Compared(p, Outcome.ABSENT)) for place, p in enumerate(touched)]
    if rows:
        connection.execute(resource.insert(), rows)
    return True


def since(connection: Connection) -> datetime | None:
    """From when on applied plans may not be followed yet: an apply may be told of late."""
    found: datetime | None = connection.execute(select(func.max(followup.c.applied_at))).scalar()
    return None if found is None else found - _LATE


def listed(
    connection: Connection,
    *,
    decision: str | None = None,
    workspace: str | None = None,
    month: Period | None = None,
    state: State | None = None,
    requested: bool = False,
    limit: int | None = None,
    offset: int | None = None,
) -> list[Followed]:
    """The decisions that are followed, newest first; `requested`: those that belong to a change request."""
    query = select(followup).order_by(followup.c.applied_at.desc(), followup.c.number.desc())
    if limit is not None:
        query = query.limit(limit).offset(offset)
    given = {"decision": decision, "workspace": workspace, "month": month, "state": state}
    for name, value in given.items():
        if value is not None:
            query = query.where(followup.c[name] == str(value))
    if requested:
        query = query.where(followup.c.change_request != "")
    return [_followed(row) for row in connection.execute(query)]


def touched(connection: Connection, numbers: Iterable[int]) -> Iterator[Touched]:
    """What the plans of these followups touched, with what was predicted."""
    query = select(resource).where(resource.c.followup.in_(list(numbers)))
    for row in connection.execute(query.order_by(resource.c.followup, resource.c.position)):
        yield Touched(row.followup, _prediction(row))


def resources(connection: Connection, number: int) -> list[dict[str, Any]]:
    """The resources of one followup as pages and documents show them."""
    query = select(resource).where(resource.c.followup == number, resource.c.action != Action.DELETE.value)
    return [_shown(row) for row in connection.execute(query.order_by(resource.c.position))]


def write(connection: Connection, number: int, found: Comparison, seen: str, now: datetime) -> bool:
    """Keep a comparison; True if it is complete and says something else than what was told before."""
    lock(connection, _LOCK)
    old = connection.execute(select(followup).where(followup.c.number == number)).one()
    if old.seen == seen:
        return False
    window, figures = found.window, found.figures
    news = window.state is State.COMPLETE and (
        old.state != State.COMPLETE.value or any(getattr(old, n) != getattr(figures, n) for n in _SUMS)
    )
    values = {**_columns(found), "seen": seen, "compared_at": now}
    connection.execute(followup.update().where(followup.c.number == number).values(**values))
    places = {r.address: r.position for r in _positions(connection, number)}
    for compared in found.resources:
        row = _resource(number, places[compared.prediction.address], compared)
        key = (resource.c.followup == number) & (resource.c.position == row["position"])
        connection.execute(resource.update().where(key).values(row))
    if news:
        audit.append(connection, EVENT, ACTOR, told_of(found), at=now)
    return news


def tell(connection: Connection, numbers: Iterable[int], told: str) -> None:
    """Note what the comment on their change request says."""
    connection.execute(followup.update().where(followup.c.number.in_(list(numbers))).values(told=told))


def told_of(found: Comparison) -> dict[str, Any]:
    """The event: what a webhook's target learns."""
    applied, figures = found.applied, found.figures
    return {
        "decision": applied.decision,
        "workspace": applied.workspace,
        "change_request": applied.change_request or None,
        "month": str(found.window.month),
        "currency": applied.currency,
        **{name: exact(getattr(figures, name)) for name in _TOLD},
        "left_out": sum(count for count, _ in found.left_out.values()),
    }


ACCURACY_COLUMNS: Final[Mapping[str, str]] = {
    "month": "VARCHAR",
    "state": "VARCHAR",
    "decision": "VARCHAR",
    "workspace": "VARCHAR",
    "team": "VARCHAR",
    "type": "VARCHAR",
    "recipe": "VARCHAR",
    "outcome": "VARCHAR",
    "currency": "VARCHAR",
    **dict.fromkeys(_SUMS, "DECIMAL(38,12)"),
}
"""The columns of the table `accuracy`, as reports see it: a row a resource."""


def months(connection: Connection) -> list[Period]:
    """The first full months of what is followed, newest first."""
    found: list[Period] = []
    query = select(func.max(followup.c.month))  # from one to the next by the index: DISTINCT would read it whole
    while month := connection.execute(query).scalar():
        found.append(Period.parse(month))
        query = select(func.max(followup.c.month)).where(followup.c.month < month)
    return found


def accuracy(connection: Connection, month: Period | None = None) -> dict[str, list[Any]]:
    """Every resource whose decision is compared, column by column as ``ACCURACY_COLUMNS`` says."""
    shown = [
        *(followup.c[n] for n in ("month", "state", "decision", "workspace")),
        *(resource.c[n] for n in ("team", "type", "recipe", "outcome")),
        followup.c.currency,
        *(resource.c[n] for n in _SUMS),
    ]
    query = (
        select(*shown)
        .join(followup)
        .where(followup.c.state == State.COMPLETE.value, resource.c.action != Action.DELETE.value)
    )
    if month is not None:
        query = query.where(followup.c.month == str(month))
    rows = connection.execute(query.order_by(resource.c.followup, resource.c.position)).all()
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in shown]
    return dict(zip(ACCURACY_COLUMNS, values, strict=True))


def later(connection: Connection, workspace: str, after: datetime, until: datetime) -> list[tuple[str, str]]:
    """What plans that were applied after that moment did to the workspace's addresses: (address, action)."""
    query = (
        select(resource.c.address, resource.c.action)
        .join(followup)
        .where(followup.c.workspace == workspace, followup.c.applied_at > after, followup.c.applied_at < until)
        .order_by(followup.c.applied_at, resource.c.position)
    )
    return [(row.address, row.action) for row in connection.execute(query)]


def _positions(connection: Connection, number: int) -> list[Row[Any]]:
    query = select(resource.c.address, resource.c.position).where(resource.c.followup == number)
    return list(connection.execute(query))


def _columns(found: Comparison) -> dict[str, Any]:
    left = {outcome.value: [count, exact(cost)] for outcome, (count, cost) in found.left_out.items()}
    return {
        "state": found.window.state.value,
        "days": found.window.days,
        "missing": json.dumps(found.window.missing),
        **{name: getattr(found.figures, name) for name in _SUMS},
        "left_out": json.dumps(left),
        "apart": json.dumps({name: exact(amount) for name, amount in found.apart.items()}),
    }


def _resource(number: int, place: int, found: Compared) -> dict[str, Any]:
    named = found.prediction
    return {
        "followup": number,
        "position": place,
        "address": named.address,
        "type": named.type[:200],
        "action": named.action.value,
        "recipe": named.recipe,
        "team": named.team,
        "outcome": found.outcome.value,
        **{name: getattr(found.figures, name) for name in _SUMS},
        "content": json.dumps(content_of(found), ensure_ascii=False),
    }


def _followed(row: Row[Any]) -> Followed:
    left = {Outcome(name): (count, Decimal(cost)) for name, (count, cost) in json.loads(row.left_out).items()}
    return Followed(
        row.number,
        Applied(**{name: getattr(row, name) for name in Applied.__slots__}),
        Period.parse(row.month),
        State(row.state),
        row.days,
        tuple(json.loads(row.missing)),
        _figures(row),
        left,
        {name: Decimal(amount) for name, amount in json.loads(row.apart).items()},
        row.seen,
        row.told,
    )


def _figures(row: Row[Any]) -> Parts:
    return Parts(**{name: getattr(row, name) for name in _SUMS})


def _prediction(row: Row[Any]) -> Prediction:
    content = json.loads(row.content)
    action = Action(row.action)
    return Prediction(
        row.address, row.type, action, row.team, row.recipe, components(content), complete=content["complete"]
    )


def _shown(row: Row[Any]) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("address", "type", "action", "recipe", "team", "outcome")}
    return same | {"figures": _figures(row), **json.loads(row.content)}

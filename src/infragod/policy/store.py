"""The record of decisions: one narrow row each for lists, counts per rule, and the whole document compressed.

Lists are paged by `number`, which the database counts upwards, so that the millionth page costs what the first does.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    func,
    literal,
    select,
)
from sqlalchemy.exc import IntegrityError

from infragod.db import audit
from infragod.db.base import Money, Number, UtcTime, metadata
from infragod.db.connection import lock
from infragod.errors import InputError
from infragod.resource import Level

decision: Final = Table(
    "decision",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", String(9), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("workspace", String(300), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("bundle", String(100), nullable=False),
    Column("local", Boolean, nullable=False),
    Column("plan_digest", String(100), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("monthly_cost", Money, nullable=False),
    Column("monthly_delta", Money, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("findings", Integer, nullable=False),
    Column("change_request", String(300)),
    Index(None, "verdict", "number"),
    Index(None, "workspace", "number"),
    info={"row": "a decision of the gate, as lists show it"},
)

document: Final = Table(
    "decision_document",
    metadata,
    Column("number", Number, ForeignKey("decision.number"), primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    info={"row": "the decision's whole document: JSON, compressed by zlib"},
)

rule_count: Final = Table(
    "decision_rule",
    metadata,
    Column("number", Number, ForeignKey("decision.number"), primary_key=True, autoincrement=False),
    Column("rule", String(200), primary_key=True),
    Column("result", String(20), primary_key=True),
    Column("level", String(20), nullable=False),
    Column("findings", Integer, nullable=False),
    Index(None, "rule", "number"),
    info={"row": "how many findings a rule had in a decision"},
)

concerned: Final = Table(
    "decision_team",
    metadata,
    Column("team", String(200), primary_key=True),
    Column("number", Number, ForeignKey("decision.number"), primary_key=True, autoincrement=False),
    Index(None, "number"),
    info={"row": "a team whose resources or budget a decision concerned"},
)

touched: Final = Table(
    "decision_place",
    metadata,
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Number, ForeignKey("decision.number"), primary_key=True, autoincrement=False),
    Column("makes", Boolean, nullable=False),
    Index(None, "number"),
    info={"row": "a resource that a decided plan changes, as a hash of workspace and address; does the plan make it"},
)

idempotency: Final = Table(
    "idempotency",
    metadata,
    Column("token_id", Number, primary_key=True, autoincrement=False),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("number", Number, ForeignKey("decision.number"), nullable=False),
    info={"row": "a key by which a request is answered once"},
)

_MAKING: Final = ("create", "replace")
_STANDING: Final = ("no-op", "read")
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key of one token; `request` is a digest of what was asked with it."""

    token_id: int
    key: str
    request: str

    @property
    def number(self) -> int:
        """A number to lock by."""
        return int.from_bytes(hashlib.sha256(f"{self.token_id} {self.key}".encode()).digest()[:8], signed=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One decision in a list; `number` is the place to page on from."""

    number: int
    id: str
    created_at: datetime
    workspace: str
    verdict: str
    actor: str
    bundle: str
    local: bool
    currency: str
    monthly_cost: Decimal
    monthly_delta: Decimal
    complete: bool
    findings: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list; a search that ended before it had filled the page says where to go on, and of when that is."""

    lines: list[Line]
    before: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many decisions a rule had a finding in, and how many findings."""

    rule: str
    decisions: int
    findings: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The decisions since a moment: how many, by verdict, and the rules that found most."""

    total: int
    verdicts: dict[str, int]
    rules: tuple[RuleCount, ...]


def record(
    connection: Connection,
    content: Mapping[str, Any],
    *,
    teams: Iterable[str] = (),
    key: Key | None = None,
    change_request: str = "",
) -> str:
    """Record a decision's document and give its id; a `key` that was used before gives the decision of then.

    The id goes into the stored document; the document's hash goes into the audit log.
    """
    if key is not None:
        lock(connection, key.number)  # two requests with one key wait for each other
        if earlier := _of_key(connection, key):
            return earlier
    number, name = _insert(connection, content, change_request)
    body = msgspec.json.encode({**content, "decision": name})
    connection.execute(document.insert().values(number=number, body=zlib.compress(body, 6)))
    _count_rules(connection, number, content["findings"])
    _note_places(connection, number, content)
    names = {*teams, *(line["team"] for line in content["budgets"])}
    if names:
        connection.execute(concerned.insert(), [{"team": team, "number": number} for team in sorted(names)])
    if key is not None:
        connection.execute(
            idempotency.insert().values(token_id=key.token_id, key=key.key, request=key.request, number=number)
        )
    audit.append(connection, "decision", content["actor"], _audited(name, content, body))
    return name


def answered(connection: Connection, key: Key) -> dict[str, Any] | None:
    """The document that was answered to this key before; ``InputError`` if it was asked something else."""
    earlier = _of_key(connection, key)
    return get(connection, earlier) if earlier else None


def get(connection: Connection, name: str) -> dict[str, Any] | None:
    """The document of the decision named so, however people type it; None if there is none."""
    query = select(document.c.body).join(decision).where(decision.c.id == normal_id(name))
    body = connection.execute(query).scalar()
    return None if body is None else msgspec.json.decode(zlib.decompress(body))


def recent(
    connection: Connection,
    *,
    before: int | None = None,
    limit: int = 50,
    verdict: str | None = None,
    workspace: str | None = None,
    team: str | None = None,
    rule: str | None = None,
) -> list[Line]:
    """The latest decisions, newest first; the last line's `number` as `before` gives the next page."""
    asked = {"verdict": verdict, "workspace": workspace, "team": team, "rule": rule}
    return search(connection, asked, before=before, limit=limit).lines


def search(
    connection: Connection,
    asked: Mapping[str, str | None],
    *,
    before: int | None = None,
    limit: int = 50,
    seconds: float = math.inf,
    clock: Callable[[], float] = time.monotonic,
) -> Found:
    """The latest decisions that pass all filters, looked for no longer than about `seconds`.

    Two filters that each let a million decisions pass, and no decision both, have no index that says so: the rarest
    one's is read back in steps, and where time is over the page says how far that was.
    """
    given = {name: value for name, value in asked.items() if value is not None}
    leading = _rarest(connection, given, before)
    numbers: list[int] = []
    rows, began = _FIRST_STEP, clock()
    while True:
        step = clock()
        low = _stride(connection, leading, given, before, rows) if len(given) > 1 else None
        numbers += _passing(connection, leading, given, (low, before), limit - len(numbers))
        if low is None or len(numbers) == limit:
            return Found(_of_numbers(connection, numbers))
        before, now = low, clock()
        if now - began >= seconds:
            return Found(_of_numbers(connection, numbers), low, _made_at(connection, low))
        rows *= 2 if now - step < seconds / _STEPS else 1


_FILTERS: Final = {
    "workspace": decision.c.workspace,
    "team": concerned.c.team,
    "rule": rule_count.c.rule,
    "verdict": decision.c.verdict,
}
"""Each is the beginning of an index that goes on with the number."""
_MOST_RESULTS: Final = 3
_LOOKED_AT: Final = 1000
_FIRST_STEP: Final = 1000
_STEPS: Final = 10
"""A step that takes less than this part of the time is followed by one of twice its length."""


def _rarest(connection: Connection, given: Mapping[str, str], before: int | None) -> str | None:
    """The filter whose index is read, the others being asked of what it gives: the one that lets least through.

    Databases guess it, and a wrong guess reads millions of rows for a page.
    """
    if len(given) < 2:  # noqa: PLR2004
        return next(iter(given), None)
    reach = {n: _stride(connection, n, given, before, _LOOKED_AT) or 0 for n in _FILTERS if n in given}
    return min(reach, key=lambda name: reach[name])


def _led(leading: str | None, given: Mapping[str, str], before: int | None) -> Select[Any]:
    """The numbers that the index of one filter gives, from `before` back."""
    number = _FILTERS[leading].table.c.number if leading else decision.c.number
    query: Select[Any] = select(number).order_by(number.desc())
    if leading:
        query = query.where(_FILTERS[leading] == given[leading])
    return query if before is None else query.where(number < before)


def _stride(
    connection: Connection, leading: str | None, given: Mapping[str, str], before: int | None, rows: int
) -> int | None:
    """The number that is so many rows back in an index; None where that is past its end."""
    found = connection.execute(_led(leading, given, before).offset(rows - 1).limit(1)).scalar()
    return None if found is None else int(found)


def _passing(
    connection: Connection,
    leading: str | None,
    given: Mapping[str, str],
    within: tuple[int | None, int | None],
    limit: int,
) -> list[int]:
    """The newest numbers from the first of `within` on and before the second that pass all filters."""
    low, before = within
    query = _led(leading, given, before)
    (number,) = query.selected_columns
    if low is not None:
        query = query.where(number >= low)
    for name in given.keys() - {leading}:
        query = query.where(_besides(number, name, given[name]))
    query = query.limit(limit * _MOST_RESULTS if leading == "rule" else limit)  # it may have several in a decision
    return list(dict.fromkeys(connection.scalars(query)))[:limit]


def _besides(number: ColumnElement[Any], name: str, value: str) -> ColumnElement[bool]:
    """A filter that is asked of each row: as a scalar, which no database turns into a join of whole indexes."""
    column = _FILTERS[name]
    table = column.table.alias()
    query = select(literal(1)).where(table.c.number == number, table.c[column.name] == value).limit(1)
    return query.scalar_subquery() == 1


def _of_numbers(connection: Connection, numbers: Collection[int]) -> list[Line]:
    query = select(decision).where(decision.c.number.in_(numbers)).order_by(decision.c.number.desc())
    return [_line(row) for row in connection.execute(query)] if numbers else []


def _made_at(connection: Connection, number: int) -> datetime:
    moment: datetime = connection.execute(select(decision.c.created_at).where(decision.c.number == number)).scalar_one()
    return moment


def lines(connection: Connection, names: Iterable[str]) -> dict[str, Line]:
    """The lines of these decisions, by id; those that are not kept are left out."""
    query = select(decision).where(decision.c.id.in_(sorted(set(names))))
    return {row.id: _line(row) for row in connection.execute(query)}


def summary(connection: Connection, since: datetime, *, rules: int = 10) -> Summary:
    """How many decisions there were since `since`, by verdict, and the `rules` that found most."""
    query = select(decision.c.verdict, func.count()).where(decision.c.created_at >= since).group_by(decision.c.verdict)
    verdicts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return Summary(sum(verdicts.values()), verdicts, tuple(_top_rules(connection, since, rules)))


def normal_id(name: str) -> str:
    """An id as it is stored, from what people type: any case, with or without the dash, O for 0."""
    letters = name.strip().upper().translate(_READ_AS)
    return f"{letters[:4]}-{letters[4:]}"


def new_id() -> str:
    """A random id, easy to read aloud."""
    return normal_id("".join(secrets.choice(_ALPHABET) for _ in range(8)))


def _insert(connection: Connection, content: Mapping[str, Any], change_request: str) -> tuple[int, str]:
    values = _columns(content) | {"change_request": change_request[:300] or None}
    for _ in range(10):  # 40 random bits meet one of 18 million by chance once in 60,000 times
        name = new_id()
        try:
            with connection.begin_nested():
                done = connection.execute(decision.insert().values(id=name, **values))
        except IntegrityError:
            continue
        return int((done.inserted_primary_key or (0,))[0]), name
    raise RuntimeError("ten random decision ids were all taken")


def _columns(content: Mapping[str, Any]) -> dict[str, Any]:
    same = ("workspace", "verdict", "actor", "bundle", "local", "plan_digest", "currency", "complete")
    return {
        **{name: content[name] for name in same},
        "created_at": datetime.fromisoformat(content["created_at"]),
        "monthly_cost": Decimal(content["monthly_cost"]),
        "monthly_delta": Decimal(content["monthly_delta"]),
        "findings": len(content["findings"]),
    }


def _count_rules(connection: Connection, number: int, findings: Iterable[Mapping[str, Any]]) -> None:
    """One row a rule and result, with the strictest level that it had for anybody."""
    counts: Counter[tuple[str, str]] = Counter()
    levels: dict[tuple[str, str], Level] = {}
    for f in findings:
        key = f["rule"], f["result"]
        counts[key] += 1
        levels[key] = max(levels.get(key, Level.ADVISORY), Level(f["level"]), key=tuple(Level).index)
    if counts:
        connection.execute(
            rule_count.insert(),
            [
                {"number": number, "rule": rule, "result": result, "level": levels[rule, result], "findings": count}
                for (rule, result), count in counts.items()
            ],
        )


def workspaces(connection: Connection) -> list[str]:
    """Names of all workspaces that were decided on."""
    return list(connection.scalars(select(decision.c.workspace).distinct().order_by(decision.c.workspace)))


def place_of(workspace: str, address: str) -> int:
    """A number that stands for an address in a workspace, where the text would take too much room."""
    digest = hashlib.sha256(f"{workspace}\0{address}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _note_places(connection: Connection, number: int, content: Mapping[str, Any]) -> None:
    """What the plan changes, so that a resource of the bill finds the decisions on it, and a plan its successors."""
    makes: dict[int, bool] = {}
    for r in content.get("resources", ()):
        if r["action"] not in _STANDING:
            place = place_of(content["workspace"], r["address"])
            makes[place] = makes.get(place, False) or r["action"] in _MAKING
    if makes:
        rows = [{"place": place, "number": number, "makes": made} for place, made in sorted(makes.items())]
        connection.execute(touched.insert(), rows)


def _of_key(connection: Connection, key: Key) -> str | None:
    row = connection.execute(
        select(decision.c.id, idempotency.c.request)
        .join(decision, decision.c.number == idempotency.c.number)
        .where(idempotency.c.token_id == key.token_id, idempotency.c.key == key.key)
    ).first()
    if row is not None and row.request != key.request:
        raise InputError(f"the idempotency key {key.key!r} was used for another plan; take a new key for each plan")
    return row.id if row else None


def _audited(name: str, content: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    kept = ("verdict", "workspace", "bundle", "plan_digest", "monthly_delta", "currency")
    return {"decision": name, "sha256": hashlib.sha256(body).hexdigest()} | {k: content[k] for k in kept}


def _top_rules(connection: Connection, since: datetime, limit: int) -> Iterable[RuleCount]:
    first = connection.execute(select(func.min(decision.c.number)).where(decision.c.created_at >= since)).scalar()
    if first is None:
        return
    found = func.sum(rule_count.c.findings)
    query: Select[Any] = (
        select(rule_count.c.rule, func.count(rule_count.c.number.distinct()), found)
        .where(rule_count.c.number >= first)
        .group_by(rule_count.c.rule)
        .order_by(found.desc(), rule_count.c.rule)
        .limit(limit)
    )
    for rule, decisions, findings in connection.execute(query):
        yield RuleCount(rule, decisions, int(findings))


def _line(row: Row[Any]) -> Line:
    return Line(*(getattr(row, name) for name in Line.__slots__))
